package io.ballast.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The special tokens a checkpoint names, by their key: {@code bos_token}, {@code eos_token}, {@code pad_token}, …; a key without a text is
 * left out. {@code tokenizer_config.json} goes before {@code special_tokens_map.json}.
 */
record SpecialTokens(Map<String, String> texts) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Largest file that is read; the tokenizer of a vocabulary of 262,144 has 33 MB. */
  private static final long MAX_BYTES = 200_000_000;

  static SpecialTokens read(Path dir) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    for (String file : List.of("tokenizer_config.json", "special_tokens_map.json")) {
      JsonNode root = json(dir.resolve(file));
      collect(root, texts);
      collect(root.path("extra_special_tokens"), texts);
    }
    return new SpecialTokens(Map.copyOf(texts));
  }

  private static void collect(JsonNode node, Map<String, String> texts) {
    for (var entry : node.properties()) {
      JsonNode token = entry.getValue();
      JsonNode text = token.isObject() ? token.path("content") : token;
      if (entry.getKey().endsWith("_token") && text.isTextual()) texts.putIfAbsent(entry.getKey(), text.textValue());
    }
  }

  /** The object a file holds; an empty one where there is no such file. */
  static JsonNode json(Path file) throws IOException {
    if (!Files.isRegularFile(file)) return JSON.createObjectNode();
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new IllegalArgumentException("%s has %d bytes, more than the %d a tokenizer can need; fetch it again".formatted(file, size, MAX_BYTES));
    }
    try {
      return JSON.readTree(file.toFile());
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalArgumentException("%s, line %d: no JSON: %s".formatted(file, e.getLocation() == null ? 0 : e.getLocation().getLineNr(), e.getOriginalMessage()), e);
    } catch (OutOfMemoryError e) { // many tiny nodes take thirty times their text; they are garbage by now
      throw new IllegalArgumentException("%s of %d bytes does not fit into memory; fetch it again, or raise BALLAST_HEAP".formatted(file, size));
    }
  }
}
