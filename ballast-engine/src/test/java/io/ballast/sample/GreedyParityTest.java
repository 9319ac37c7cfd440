package io.ballast.sample;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ballast.model.Policy;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Greedy continuations are those of transformers on the checkpoints of {@code parity/make.py}, beyond windows and stretched positions too. */
class GreedyParityTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama-bias-tied", "llama3-rope", "qwen2", "qwen3", "qwen3-bias", "mistral", "gemma2", "smollm2", "qwen3-moe",
      "qwen3-moe-raw", "llama-mlp-bias", "gemma2-bias", "qwen3-moe-mixed"})
  void greedy_continuations_are_those_of_transformers(String name) throws IOException {
    Path dir = Path.of("src/test/resources/parity", name);
    JsonNode json = JSON.readTree(Files.readAllBytes(dir.resolve("expected.json")));
    List<Request> requests = new ArrayList<>();
    List<int[]> expected = new ArrayList<>();
    for (int[] row : JSON.treeToValue(json.get("tokens"), int[][].class)) requests.add(Request.of(requests.size(), row, 1, 12));
    expected.addAll(List.of(JSON.treeToValue(json.get("greedy"), int[][].class)));
    requests.add(Request.of(requests.size(), JSON.treeToValue(json.at("/long/prompt"), int[].class), 1, 40));
    expected.add(JSON.treeToValue(json.at("/long/greedy"), int[].class));
    try (Policy policy = Policy.load(dir, Device.CPU, DType.FP32); Generator generator = new Generator(policy);
        Generator tensors = new Generator(policy, Limits.DEFAULT, TensorDecoder::new)) {
      for (Numerics numerics : Numerics.values()) assertGreedy(generator, requests, numerics, expected);
      assertGreedy(tensors, requests, Numerics.FAST, expected);
    }
  }

  private static void assertGreedy(Generator generator, List<Request> requests, Numerics numerics, List<int[]> expected) {
    List<Completion> done = generator.generate(requests, Sampling.greedy(Set.of(), numerics), null);
    for (int i = 0; i < done.size(); i++) assertThat(done.get(i).tokens()).as("row %d", i).isEqualTo(expected.get(i));
  }
}
