package io.ballast.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer of a Hugging Face checkpoint, read from its {@code tokenizer.json}. What that library leaves aside (special tokens named in
 * {@code tokenizer_config.json}, the tokens that end an answer, padding) is done here; truncation is off, always.
 */
final class HuggingFace implements Tokenizer {
  private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Z}▁]+");
  private static final List<String> FILES =
      List.of("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "chat_template.json",
          "vocab.json", "merges.txt", "tokenizer.model");

  /** Beyond every vocabulary there is; a larger id is a damaged file. */
  private static final int MOST_TOKENS = 10_000_000;

  private final Path dir;
  private final HuggingFaceTokenizer tokenizer;
  private final int size;
  private final int bos;
  private final boolean startsWithBos;
  private final int pad;
  private final List<Integer> stops;

  private HuggingFace(Path dir, HuggingFaceTokenizer tokenizer, JsonNode root) throws IOException {
    this.dir = dir;
    this.tokenizer = tokenizer;
    size = size(dir, root);
    var special = SpecialTokens.read(dir).texts();
    stops = stops(dir, id(root, special.get("eos_token")));
    if (stops.isEmpty()) {
      throw new IllegalArgumentException("%s: tokenizer_config.json names no eos_token that tokenizer.json knows; answers could not end".formatted(dir));
    }
    for (int stop : stops) {
      if (stop < 0 || stop >= size) throw new IllegalArgumentException("%s: generation_config.json ends answers with token %d, outside the vocabulary of %d".formatted(dir, stop, size));
    }
    bos = id(root, special.get("bos_token"));
    startsWithBos = bos >= 0 && startsWithBos();
    int named = id(root, special.get("pad_token"));
    pad = named < 0 ? stops.getFirst() : named;
    allAddedTokensAreKnown(root);
  }

  static HuggingFace read(Path dir) throws IOException {
    Path file = dir.resolve("tokenizer.json");
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("%s has no tokenizer.json; save the checkpoint's tokenizer in Hugging Face's fast format".formatted(dir));
    }
    System.setProperty("ai.djl.offline", "true");
    JsonNode root = SpecialTokens.json(file);
    HuggingFaceTokenizer tokenizer;
    try {
      tokenizer = HuggingFaceTokenizer.builder().optTokenizerPath(file).optTruncation(false).optPadding(false).optAddSpecialTokens(false).build();
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("%s is no tokenizer that can be read: %s".formatted(file, e.getMessage()), e);
    }
    try {
      return new HuggingFace(dir, tokenizer, root);
    } catch (RuntimeException | IOException e) {
      tokenizer.close();
      throw e;
    }
  }

  /** Where the checkpoint says so, or else where {@code tokenizer.json} adds the token itself. */
  private boolean startsWithBos() throws IOException {
    JsonNode said = SpecialTokens.json(dir.resolve("tokenizer_config.json")).path("add_bos_token");
    if (said.isBoolean()) return said.booleanValue();
    long[] ids = tokenizer.encode("a", true, false).getIds();
    return ids.length > 0 && ids[0] == bos;
  }

  /** The tokenizer's own end, then those with which the model was told to stop, each once. */
  private static List<Integer> stops(Path dir, int eos) throws IOException {
    var ids = new java.util.LinkedHashSet<Integer>();
    if (eos >= 0) ids.add(eos);
    JsonNode own = SpecialTokens.json(dir.resolve("generation_config.json")).path("eos_token_id");
    if (own.isInt()) ids.add(own.intValue());
    for (JsonNode id : own) if (id.isInt()) ids.add(id.intValue());
    return List.copyOf(ids);
  }

  /** {@code tokenizer_config.json} may add tokens; one that {@code tokenizer.json} lacks would silently be cut into pieces. */
  private void allAddedTokensAreKnown(JsonNode root) throws IOException {
    for (var entry : SpecialTokens.json(dir.resolve("tokenizer_config.json")).path("added_tokens_decoder").properties()) {
      String text = entry.getValue().path("content").asText();
      int id = id(root, text);
      if (!entry.getKey().equals(Integer.toString(id))) {
        throw new IllegalArgumentException("%s: tokenizer_config.json gives '%s' the id %s, tokenizer.json %s; save the tokenizer anew with transformers"
            .formatted(dir, text, entry.getKey(), id < 0 ? "none" : "the id " + id));
      }
    }
  }

  private static int size(Path dir, JsonNode root) {
    int largest = -1;
    JsonNode vocabulary = root.path("model").path("vocab");
    if (vocabulary.isArray()) {
      largest = vocabulary.size() - 1;
    } else {
      for (JsonNode id : vocabulary) largest = Math.max(largest, checked(dir, id));
    }
    for (JsonNode token : root.path("added_tokens")) largest = Math.max(largest, checked(dir, token.path("id")));
    return largest + 1;
  }

  private static int checked(Path dir, JsonNode id) {
    if (id.isInt() && id.intValue() >= 0 && id.intValue() < MOST_TOKENS) return id.intValue();
    throw new IllegalArgumentException("%s: tokenizer.json gives a token the id %s; ids are whole numbers from 0 to %d".formatted(dir, id, MOST_TOKENS - 1));
  }

  /** Id of a token, −1 where there is none. */
  private static int id(JsonNode root, @Nullable String text) {
    if (text == null) return -1;
    for (JsonNode token : root.path("added_tokens")) {
      if (token.path("content").asText().equals(text)) return token.path("id").asInt();
    }
    return root.path("model").path("vocab").path(text).asInt(-1);
  }

  @Override public int[] encode(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) continue;
      if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) i++;
      else throw new IllegalArgumentException("U+%04X at %d is half a character; no tokenizer can express it".formatted((int) c, i));
    }
    int[] ids = Arrays.stream(tokenizer.encode(text, false, false).getIds()).mapToInt(Math::toIntExact).toArray();
    String back = tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), false);
    if (!back.equals(text)) nothingIsLost(text, back);
    return ids;
  }

  /** Some tokenizers compose letters or change white space; what must not happen is that a letter vanishes or becomes an unknown token. */
  private static void nothingIsLost(String text, String back) {
    String kept = comparable(back);
    int at = 0;
    for (int i = 0; i < text.length(); ) {
      int end = i + Character.charCount(text.codePointAt(i));
      while (end < text.length() && isMark(text.codePointAt(end))) end += Character.charCount(text.codePointAt(end));
      String letter = comparable(text.substring(i, end));
      if (!kept.startsWith(letter, at)) {
        throw new IllegalArgumentException("character '%s' (U+%04X) at %d is not in the tokenizer's vocabulary and would vanish"
            .formatted(Character.toString(text.codePointAt(i)), text.codePointAt(i), i));
      }
      at += letter.length();
      i = end;
    }
  }

  private static boolean isMark(int c) {
    int type = Character.getType(c);
    return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK || type == Character.ENCLOSING_MARK;
  }

  private static String comparable(String text) {
    return BLANKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFKC)).replaceAll("").toLowerCase(Locale.ROOT);
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

  @Override public int[] encodePrompt(String text) {
    int[] ids = encode(text);
    if (!startsWithBos || (ids.length > 0 && ids[0] == bos)) return ids;
    int[] out = new int[ids.length + 1];
    out[0] = bos;
    System.arraycopy(ids, 0, out, 1, ids.length);
    return out;
  }

  @Override public int eos() {
    return stops.getFirst();
  }

  @Override public List<Integer> stops() {
    return stops;
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
