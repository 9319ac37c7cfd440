package io.ballast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerationConfigTest {
  @TempDir Path model;

  private GenerationConfig of(String json) throws IOException {
    Files.writeString(model.resolve("generation_config.json"), json);
    return GenerationConfig.of(model);
  }

  @Test void what_is_not_applied_is_named_with_its_value_and_what_changes_nothing_is_not() throws IOException {
    GenerationConfig config = of("""
        {"repetition_penalty": 1.1, "no_repeat_ngram_size": 3, "suppress_tokens": [3, 4], "bad_words_ids": [], "num_beams": 1, "typical_p": 1.0, "min_length": 0,
         "forced_eos_token_id": null, "watermarking_config": {}, "temperature": 0.7, "do_sample": true, "eos_token_id": [2, 5], "transformers_version": "5.18.0"}""");
    assertThat(config.notApplied()).get().asString().startsWith(config.path() + ": not applied: no_repeat_ngram_size = 3, repetition_penalty = 1.1, suppress_tokens = [3,4]; ");
    assertThat(config.stops()).containsExactlyInAnyOrder(2, 5);
    assertThat(config.real("temperature", 1)).isEqualTo(0.7);
    assertThat(of("{\"repetition_penalty\": 1.0, \"guidance_scale\": 1}").notApplied()).isEmpty();
    assertThat(GenerationConfig.of(model.resolve("none")).notApplied()).isEmpty();
  }

  @Test void null_is_the_same_as_nothing() throws IOException {
    GenerationConfig config = of("{\"temperature\": null, \"top_k\": null, \"eos_token_id\": null, \"do_sample\": null}");
    assertThat(config.real("temperature", 1)).isEqualTo(1);
    assertThat(config.whole("top_k", 0)).isZero();
    assertThat(config.stops()).isEmpty();
    assertThat(config.sampled()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      {"temperature": "hot"}     | temperature = "hot": a number was expected
      {"do_sample": "yes"}       | do_sample = "yes": true or false was expected
      {"eos_token_id": [2, "x"]} | eos_token_id = [2,"x"]: a token id or a list of them was expected
      {"top_k": 2.5}             | top_k = 2.5: a whole number was expected
      {"top_k": 3000000000}      | top_k = 3000000000: a whole number was expected
      """)
  void a_value_of_the_wrong_kind_is_refused_by_name(String json, String message) throws IOException {
    assertThatThrownBy(() -> of(json)).isInstanceOf(RequestException.class).hasMessage(model.resolve("generation_config.json") + ": " + message);
  }
}
