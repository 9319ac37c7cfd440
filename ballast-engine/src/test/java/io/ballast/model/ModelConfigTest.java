package io.ballast.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigTest {
  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama-bias-tied", "llama3-rope", "qwen2", "qwen3", "qwen3-bias", "mistral", "gemma2", "qwen3-moe", "llama-mlp-bias", "gemma2-bias", "qwen3-moe-mixed"})
  void what_is_written_is_read_again(String name) throws IOException {
    ModelConfig config = ModelConfig.read(Path.of("src/test/resources/parity", name));
    config.write(dir);
    assertThat(ModelConfig.read(dir)).isEqualTo(config);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      "model_type": "gpt2"                                      | model_type 'gpt2' is not supported; supported are llama, qwen2, qwen3
      "rope_scaling": {"type": "yarn", "factor": 4}             | rope_scaling = {"type":"yarn","factor":4}: type 'yarn' is not supported
      "quantization_config": {"bits": 4}                        | quantization_config
      "mlp_bias": 1                                             | mlp_bias = 1: true or false was expected
      "model_type": "mistral", "mlp_bias": true                 | mlp_bias = true: biases in the MLP are supported in llama only
      "model_type": "qwen3_moe", "mlp_only_layers": [2]         | mlp_only_layers = [2]: numbers of layers, 0 to 1, were expected
      "model_type": "qwen3_moe", "decoder_sparse_step": 0       | decoder_sparse_step = 0: at least 1 was expected
      "hidden_act": "relu"                                      | hidden_act = "relu": supported is silu
      "attention_dropout": 0.1                                  | attention_dropout = 0.1: only 0
      "residual_multiplier": 0.22                               | residual_multiplier = 0.22: unknown to this engine
      "vocab_size": "many"                                      | vocab_size = "many": a whole number was expected
      "vocab_size": 0                                           | vocab_size must be at least 1, got 0
      "num_key_value_heads": 3                                  | num_attention_heads must be a multiple of num_key_value_heads, got 4 and 3
      "head_dim": 7                                             | head_dim must be even
      "rms_norm_eps": 0                                         | rms_norm_eps must be above 0
      """)
  void what_would_be_computed_wrongly_is_refused_by_name(String override, String message) throws IOException {
    String base = """
        {"model_type": "llama", "vocab_size": 61, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
         "num_attention_heads": 4, %s}""";
    Files.writeString(dir.resolve("config.json"), base.formatted(override));
    assertThatThrownBy(() -> ModelConfig.read(dir)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(dir.resolve("config.json").toString()).hasMessageContaining(message);
  }

  @Test void a_missing_key_and_a_missing_file_are_named() throws IOException {
    assertThatThrownBy(() -> ModelConfig.read(dir)).hasMessageContaining("has no config.json");
    Files.writeString(dir.resolve("config.json"), "{\"model_type\": \"llama\"}");
    assertThatThrownBy(() -> ModelConfig.read(dir)).hasMessageEndingWith("num_hidden_layers is missing");
    Files.writeString(dir.resolve("config.json"), "{\"model_type\": ");
    assertThatThrownBy(() -> ModelConfig.read(dir)).hasMessageContaining("not valid JSON");
  }

  @Test void sliding_layers_follow_the_family() throws IOException {
    assertThat(ModelConfig.read(Path.of("src/test/resources/parity/mistral")).windows()).isEqualTo(List.of(8, 8));
    assertThat(ModelConfig.read(Path.of("src/test/resources/parity/gemma2")).windows()).isEqualTo(List.of(8, 0));
    assertThat(ModelConfig.read(Path.of("src/test/resources/parity/qwen3")).windows()).isEqualTo(List.of(0, 0));
  }
}
