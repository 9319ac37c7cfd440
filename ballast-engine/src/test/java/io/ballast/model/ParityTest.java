package io.ballast.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Agreement with transformers on the checkpoints of {@code parity/make.py}, which says what they are. */
class ParityTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  record Case(Path dir, TokenRows rows, double temperature, double[] logp, double[] entropy, double[] dlogp, double[] dentropy,
      JsonNode gradients) {
    static Case read(String name) throws IOException {
      Path dir = Path.of("src/test/resources/parity", name);
      JsonNode json = JSON.readTree(Files.readAllBytes(dir.resolve("expected.json")));
      int[][] tokens = JSON.treeToValue(json.get("tokens"), int[][].class);
      boolean[][] trained = JSON.treeToValue(json.get("trained"), boolean[][].class);
      return new Case(dir, new TokenRows(tokens, trained), json.get("temperature").asDouble(), doubles(json.get("logp")),
          doubles(json.get("entropy")), doubles(json.get("dlogp")), doubles(json.get("dentropy")), json.get("gradients"));
    }

    /** The same with other experts than the router's. */
    Case replayed() throws IOException {
      JsonNode json = JSON.readTree(Files.readAllBytes(dir.resolve("expected.json"))).get("replay");
      Routes[] routes = new Routes[rows.tokens().length];
      for (int r = 0; r < routes.length; r++) {
        short[][][] row = JSON.treeToValue(json.get("routes").get(r), short[][][].class);
        int layers = row[0].length, k = row[0][0].length;
        short[] experts = new short[row.length * layers * k];
        for (int i = 0; i < experts.length; i++) experts[i] = row[i / (layers * k)][i / k % layers][i % k];
        routes[r] = new Routes(layers, k, experts);
      }
      return new Case(dir, new TokenRows(rows.tokens(), rows.trained(), routes), temperature, doubles(json.get("logp")),
          doubles(json.get("entropy")), dlogp, dentropy, json.get("gradients"));
    }

    static double[] doubles(JsonNode array) {
      return StreamSupport.stream(array.spliterator(), false).mapToDouble(JsonNode::asDouble).toArray();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama-bias-tied", "llama3-rope", "qwen2", "qwen3", "qwen3-bias", "mistral", "gemma2", "smollm2", "qwen3-moe", "qwen3-moe-raw",
      "llama-mlp-bias", "gemma2-bias", "qwen3-moe-mixed"})
  void log_probabilities_and_entropies_agree_with_transformers_in_fp32(String name) throws IOException {
    Case expected = Case.read(name);
    try (Policy policy = Policy.load(expected.dir(), Device.CPU, DType.FP32)) {
      Scores scores = policy.score(expected.rows(), expected.temperature());
      assertThat(scores.logp()).containsExactly(expected.logp(), within(1e-4));
      assertThat(scores.entropy()).containsExactly(expected.entropy(), within(1e-4));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama-bias-tied", "llama3-rope", "qwen2", "qwen3", "qwen3-bias", "mistral", "gemma2", "smollm2", "qwen3-moe", "qwen3-moe-raw",
      "llama-mlp-bias", "gemma2-bias", "qwen3-moe-mixed"})
  void gradients_agree_with_autograd_on_full_logits_in_double(String name) throws IOException {
    Case expected = Case.read(name);
    try (Policy policy = Policy.load(expected.dir(), Device.CPU, DType.FP64)) {
      policy.backward(expected.rows(), expected.temperature(), expected.dlogp(), expected.dentropy());
      assertGradients(policy, expected);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen3", "gemma2", "qwen3-moe", "llama-mlp-bias", "gemma2-bias", "qwen3-moe-mixed"})
  void checkpointing_gives_the_same_gradients(String name) throws IOException {
    Case expected = Case.read(name);
    try (Policy policy = Policy.load(expected.dir(), Device.CPU, DType.FP64)) {
      policy.checkpointing(true);
      policy.backward(expected.rows(), expected.temperature(), expected.dlogp(), expected.dentropy());
      assertGradients(policy, expected);
    }
  }

  @ParameterizedTest
  @CsvSource({"qwen3-moe,false", "qwen3-moe,true", "qwen3-moe-raw,false", "qwen3-moe-raw,true", "qwen3-moe-mixed,false", "qwen3-moe-mixed,true"})
  void given_experts_are_followed_and_the_router_still_learns(String name, boolean checkpointing) throws IOException {
    Case expected = Case.read(name).replayed();
    try (Policy policy = Policy.load(expected.dir(), Device.CPU, DType.FP64)) {
      policy.checkpointing(checkpointing);
      Scores scores = policy.score(expected.rows(), expected.temperature());
      assertThat(scores.logp()).containsExactly(expected.logp(), within(1e-6));
      assertThat(scores.entropy()).containsExactly(expected.entropy(), within(1e-6));
      policy.backward(expected.rows(), expected.temperature(), expected.dlogp(), expected.dentropy());
      assertGradients(policy, expected);
    }
  }

  private static void assertGradients(Policy policy, Case expected) {
    for (var field : expected.gradients().properties()) {
      double[] gradient = policy.gradient(field.getKey());
      double norm = field.getValue().get("norm").asDouble();
      double[] head = Case.doubles(field.getValue().get("head"));
      double square = 0;
      for (double g : gradient) square += g * g;
      assertThat(Math.sqrt(square)).as(field.getKey()).isCloseTo(norm, within(1e-6 * Math.max(norm, 1e-3)));
      for (int i = 0; i < head.length; i++) {
        assertThat(gradient[i]).as("%s[%d]", field.getKey(), i).isCloseTo(head[i], within(1e-6 * Math.max(norm, 1e-3)));
      }
    }
  }
}
