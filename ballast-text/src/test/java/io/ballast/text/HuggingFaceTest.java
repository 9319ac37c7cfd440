package io.ballast.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small tokenizers written here: pieces a, b, ab and e-acute, no byte fallback. */
class HuggingFaceTest {
  private static final String JSON = """
      {"version": "1.0", "truncation": %s, "padding": null,
       "added_tokens": [{"id": 4, "content": "<s>", "special": true, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false},
                        {"id": 5, "content": "</s>", "special": true, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false}],
       "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": {"type": "Fuse"},
       "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false,
                 "byte_fallback": false, "vocab": {"a": 0, "b": 1, "ab": 2, "\\u00e9": 3}, "merges": ["a b"]}}
      """;
  @TempDir Path dir;

  @BeforeEach void write() throws IOException {
    Files.writeString(dir.resolve("tokenizer.json"),
        JSON.formatted("{\"direction\": \"Right\", \"max_length\": 4, \"strategy\": \"LongestFirst\", \"stride\": 0}"));
    config("{\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\"}, \"add_bos_token\": true}");
  }

  private void config(String json) throws IOException {
    Files.writeString(dir.resolve("tokenizer_config.json"), json);
  }

  @Test void a_truncation_saved_in_the_file_is_not_applied() throws IOException {
    try (var tokenizer = Tokenizers.read(dir)) {
      assertThat(tokenizer.encode("aaaaaaaaaa")).hasSize(10);
    }
  }

  @Test void a_character_that_would_vanish_is_named_also_where_it_is_known_elsewhere() throws IOException {
    try (var tokenizer = Tokenizers.read(dir)) {
      assertThat(tokenizer.encode("ab</s>é")).containsExactly(2, 5, 3);
      assertThatThrownBy(() -> tokenizer.encode("abXa")).hasMessageContaining("'X' (U+0058) at 2").hasMessageContaining("would vanish");
      assertThatThrownBy(() -> tokenizer.encode("a</s>.s")).hasMessageContaining("'.' (U+002E) at 5");
    }
  }

  @Test void a_plain_prompt_starts_with_bos_once() throws IOException {
    try (var tokenizer = Tokenizers.read(dir)) {
      assertThat(tokenizer.encodePrompt("ab")).containsExactly(4, 2);
      assertThat(tokenizer.encodePrompt("<s>ab")).containsExactly(4, 2);
      assertThat(tokenizer.encode("ab")).containsExactly(2);
      assertThat(tokenizer.decode(new int[] {4, 2, 5})).isEqualTo("ab");
    }
  }

  @Test void the_ids_of_generation_config_stop_too_and_may_stand_alone() throws IOException {
    Files.writeString(dir.resolve("generation_config.json"), "{\"eos_token_id\": [5, 1]}");
    try (var tokenizer = Tokenizers.read(dir)) {
      assertThat(tokenizer.stops()).containsExactly(5, 1);
      assertThat(tokenizer.pad()).isEqualTo(5);
    }
    config("{}");
    Files.writeString(dir.resolve("generation_config.json"), "{\"eos_token_id\": 1}");
    try (var tokenizer = Tokenizers.read(dir)) {
      assertThat(tokenizer.eos()).isEqualTo(1);
    }
    Files.writeString(dir.resolve("generation_config.json"), "{\"eos_token_id\": 99}");
    assertThatThrownBy(() -> Tokenizers.read(dir)).hasMessageContaining("token 99, outside the vocabulary of 6");
  }

  @Test void what_is_missing_or_broken_is_named() throws IOException {
    config("{}");
    assertThatThrownBy(() -> Tokenizers.read(dir)).hasMessageContaining("names no eos_token");
    config("{\"eos_token\": \"</s>\", \"added_tokens_decoder\": {\"6\": {\"content\": \"<new>\"}}}");
    assertThatThrownBy(() -> Tokenizers.read(dir)).hasMessageContaining("'<new>' the id 6, tokenizer.json none");
    Files.writeString(dir.resolve("tokenizer.json"), "{\"model\": {\"type\": \"BPE\"}}");
    assertThatThrownBy(() -> Tokenizers.read(dir)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("no tokenizer that can be read");
    Files.delete(dir.resolve("tokenizer.json"));
    assertThatThrownBy(() -> Tokenizers.read(dir)).hasMessageContaining("has no tokenizer.json");
  }

  /** Bytes turned over, cut, and values nobody would write: a tokenizer that encodes, or one message naming the folder. Never a crash. */
  @Test void a_mutated_tokenizer_is_a_tokenizer_or_one_message() throws IOException {
    byte[] good = Files.readAllBytes(dir.resolve("tokenizer.json"));
    var random = new Random(7);
    var mapper = new ObjectMapper();
    String[] values = {"-1", "0", "3", "4294967295", "9223372036854775807", "1e300", "\"x\"", "\"\"", "null", "true", "[]", "{}", "[[\"a\",\"b\"]]", "{\"a\":1}",
        "{\"type\":\"Metaspace\"}", "{\"type\":\"Sequence\",\"normalizers\":[]}"};
    int refused = 0;
    for (int trial = 0; trial < 300; trial++) {
      byte[] bad = good.clone();
      if (trial % 3 == 0) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
        if (random.nextInt(4) == 0) bad = Arrays.copyOf(bad, random.nextInt(bad.length));
      } else {
        var root = (ObjectNode) mapper.readTree(good);
        var targets = List.of(root, (ObjectNode) root.get("model"),
            (ObjectNode) root.get("model").get("vocab"), (ObjectNode) root.get("added_tokens").get(1));
        var target = targets.get(random.nextInt(targets.size()));
        var keys = new ArrayList<String>();
        target.fieldNames().forEachRemaining(keys::add);
        target.set(keys.get(random.nextInt(keys.size())), mapper.readTree(values[random.nextInt(values.length)]));
        bad = mapper.writeValueAsBytes(root);
      }
      Files.write(dir.resolve("tokenizer.json"), bad);
      String what = new String(bad, StandardCharsets.ISO_8859_1);
      try (var tokenizer = Tokenizers.read(dir)) {
        tokenizer.encodePrompt("");
        tokenizer.decode(tokenizer.encode("ab</s>"));
      } catch (IllegalArgumentException e) {
        assertThat(e.getMessage()).as(what).isNotBlank();
        refused++;
      }
    }
    assertThat(refused).isBetween(100, 290);
  }

  @Test void a_tokenizer_of_gigabytes_is_refused_unread() throws IOException {
    try (var file = new RandomAccessFile(dir.resolve("tokenizer.json").toFile(), "rw")) {
      file.setLength(3L << 30);
    }
    assertThatThrownBy(() -> Tokenizers.read(dir)).hasMessageContaining("tokenizer.json has 3221225472 bytes, more than the 200000000");
    Files.delete(dir.resolve("tokenizer.json"));
    Files.writeString(dir.resolve("tokenizer.json"), "[".repeat(100_000));
    assertThatThrownBy(() -> Tokenizers.read(dir)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("no JSON");
  }

  @Test void a_saved_tokenizer_reads_back_with_its_template(@TempDir Path target) throws IOException {
    Files.writeString(dir.resolve("chat_template.jinja"), "{{ eos_token }}");
    try (var tokenizer = Tokenizers.read(dir)) {
      tokenizer.save(target);
    }
    try (var again = Tokenizers.read(target)) {
      assertThat(again.encode("abé")).containsExactly(2, 3);
    }
    assertThat(ChatTemplate.read(target).render(List.of(), ChatTemplate.Options.whole())).isEqualTo("</s>");
  }
}
