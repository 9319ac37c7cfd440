package io.ballast.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer of a Hugging Face checkpoint, read from its {@code tokenizer.json}. What that library leaves aside (special tokens named in
 * {@code tokenizer_config.json}, padding) is done here; truncation is off, always.
 */
final class HuggingFace implements Tokenizer {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> FILES =
      List.of("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja");

  private final Path dir;
  private final HuggingFaceTokenizer tokenizer;
  private final int size;
  private final int eos;
  private final int pad;

  private HuggingFace(Path dir, HuggingFaceTokenizer tokenizer, int size, int eos, int pad) {
    this.dir = dir;
    this.tokenizer = tokenizer;
    this.size = size;
    this.eos = eos;
    this.pad = pad;
  }

  static HuggingFace read(Path dir) throws IOException {
    Path file = dir.resolve("tokenizer.json");
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("%s has no tokenizer.json; save the checkpoint's tokenizer in Hugging Face's fast format".formatted(dir));
    }
    System.setProperty("ai.djl.offline", "true");
    JsonNode root = JSON.readTree(file.toFile());
    var tokenizer = HuggingFaceTokenizer.builder().optTokenizerPath(file).optTruncation(false).optPadding(false).optAddSpecialTokens(false).build();
    int size = size(root);
    int eos = special(dir, root, "eos_token");
    if (eos < 0) {
      tokenizer.close();
      throw new IllegalArgumentException("%s: tokenizer_config.json names no eos_token that tokenizer.json knows; answers could not end".formatted(dir));
    }
    int pad = special(dir, root, "pad_token");
    return new HuggingFace(dir, tokenizer, size, eos, pad < 0 ? eos : pad);
  }

  private static int size(JsonNode root) {
    int largest = -1;
    JsonNode vocabulary = root.path("model").path("vocab");
    if (vocabulary.isArray()) {
      largest = vocabulary.size() - 1;
    } else {
      for (JsonNode id : vocabulary) largest = Math.max(largest, id.asInt());
    }
    for (JsonNode token : root.path("added_tokens")) largest = Math.max(largest, token.path("id").asInt());
    return largest + 1;
  }

  /** Id of a special token named in the configuration, −1 where there is none. */
  private static int special(Path dir, JsonNode root, String name) throws IOException {
    for (String file : List.of("tokenizer_config.json", "special_tokens_map.json")) {
      Path path = dir.resolve(file);
      if (!Files.isRegularFile(path)) continue;
      String text = content(JSON.readTree(path.toFile()).path(name));
      if (text == null) continue;
      for (JsonNode token : root.path("added_tokens")) {
        if (token.path("content").asText().equals(text)) return token.path("id").asInt();
      }
      JsonNode id = root.path("model").path("vocab").path(text);
      if (id.isInt()) return id.asInt();
    }
    return -1;
  }

  private static @Nullable String content(JsonNode token) {
    if (token.isTextual()) return token.asText();
    return token.isObject() && token.path("content").isTextual() ? token.path("content").asText() : null;
  }

  @Override public int[] encode(String text) {
    int[] ids = Arrays.stream(tokenizer.encode(text, false, false).getIds()).mapToInt(Math::toIntExact).toArray();
    String back = tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), false);
    if (!back.equals(text)) lost(text, back);
    return ids;
  }

  /** Some tokenizers normalise white space or add a leading blank; what must not happen is that letters vanish. */
  private static void lost(String text, String back) {
    Set<Integer> kept = new HashSet<>();
    back.codePoints().forEach(kept::add);
    text.codePoints().filter(c -> !Character.isWhitespace(c) && !kept.contains(c)).findFirst().ifPresent(c -> {
      if (java.text.Normalizer.normalize(Character.toString(c), java.text.Normalizer.Form.NFKC).codePoints().allMatch(kept::contains)) return;
      if (kept.contains(Character.toLowerCase(c))) return;
      throw new IllegalArgumentException("character '%s' (U+%04X) is not in the tokenizer's vocabulary and would vanish".formatted(Character.toString(c), c));
    });
  }

  @Override public String decode(int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= size) throw new IllegalArgumentException("token %d is outside the vocabulary of %d".formatted(id, size));
    }
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  @Override public int size() {
    return size;
  }

  @Override public int eos() {
    return eos;
  }

  @Override public int pad() {
    return pad;
  }

  @Override public void save(Path target) throws IOException {
    Files.createDirectories(target);
    for (String name : FILES) {
      Path file = dir.resolve(name);
      if (Files.isRegularFile(file)) Files.copy(file, target.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override public void close() {
    tokenizer.close();
  }
}
