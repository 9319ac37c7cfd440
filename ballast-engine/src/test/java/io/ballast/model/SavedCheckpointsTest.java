package io.ballast.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is saved loads again with the same numbers; {@code parity/reload.py} loads the folders this test leaves into transformers. */
class SavedCheckpointsTest {
  private static final Path SAVED = Path.of("target/saved");

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama-bias-tied", "llama3-rope", "qwen2", "qwen3", "qwen3-bias", "mistral", "gemma2", "smollm2", "qwen3-moe", "qwen3-moe-raw",
      "llama-mlp-bias", "gemma2-bias", "qwen3-moe-mixed"})
  void a_saved_checkpoint_has_the_same_log_probabilities(String name) throws IOException {
    ParityTest.Case expected = ParityTest.Case.read(name);
    Path whole = Files.createDirectories(SAVED.resolve(name));
    Path narrow = Files.createDirectories(SAVED.resolve(name + "-bf16"));
    Path adapter = Files.createDirectories(SAVED.resolve(name + "-lora"));
    double[] before;
    try (Policy policy = Policy.load(expected.dir(), Device.CPU, DType.FP32)) {
      before = policy.score(expected.rows(), expected.temperature()).logp();
      policy.save(whole);
      policy.save(narrow, DType.BF16);
      if (!name.contains("moe")) {
        policy.attach(new Lora(2, 4, List.of("q_proj", "v_proj", "down_proj")), 5);
        try (AdamW adam = new AdamW(policy, AdamW.Settings.DEFAULT)) {
          // A step away from the start, where B = 0 would make any adapter right.
          double[] ones = new double[before.length];
          java.util.Arrays.fill(ones, -1);
          policy.backward(expected.rows(), expected.temperature(), ones, null);
          adam.step(0.02, 1);
        }
        policy.saveAdapter(adapter, "");
        policy.merge();
        policy.save(Files.createDirectories(SAVED.resolve(name + "-merged")));
      }
    }
    try (Policy policy = Policy.load(whole, Device.CPU, DType.FP32)) {
      assertThat(policy.score(expected.rows(), expected.temperature()).logp()).isEqualTo(before);
    }
  }
}
