package io.ballast.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * One id a character: 0 pads, 1 ends an answer, then the alphabet in its given order. It is written as the {@code tokenizer.json} of a
 * byte-pair encoding without merges, so every tool that reads Hugging Face checkpoints reads it.
 */
public final class CharTokenizer implements Tokenizer {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PAD = "<pad>", EOS = "<eos>";
  private static final int FIRST = 2;
  private final String alphabet;
  private final int[] ids = new int[Character.MAX_VALUE + 1];

  /** @param alphabet each character once, from the basic plane */
  public CharTokenizer(String alphabet) {
    this.alphabet = alphabet;
    Arrays.fill(ids, -1);
    for (int i = 0; i < alphabet.length(); i++) {
      char c = alphabet.charAt(i);
      if (Character.isSurrogate(c)) throw new IllegalArgumentException("alphabet: U+%04X is half a character; a character tokenizer holds whole ones".formatted((int) c));
      if (ids[c] >= 0) throw new IllegalArgumentException("alphabet: '%c' stands in it twice".formatted(c));
      ids[c] = FIRST + i;
    }
  }

  /** The character tokenizer of a checkpoint folder, or null where its {@code tokenizer.json} is of another kind. */
  public static @org.jspecify.annotations.Nullable CharTokenizer read(Path dir) throws IOException {
    Path file = dir.resolve("tokenizer.json");
    if (!Files.isRegularFile(file)) return null;
    JsonNode model = SpecialTokens.json(file).path("model");
    JsonNode vocabulary = model.path("vocab");
    if (!model.path("type").asText().equals("BPE") || !model.path("merges").isEmpty() || vocabulary.isEmpty()) return null;
    var letters = new char[vocabulary.size()];
    int found = 0;
    for (var entry : vocabulary.properties()) {
      int id = entry.getValue().asInt(-1) - FIRST;
      if (entry.getKey().length() != 1 || id < 0) continue;
      if (id >= letters.length || letters[id] != 0) return null;
      letters[id] = entry.getKey().charAt(0);
      found++;
    }
    if (found != vocabulary.size() - FIRST || vocabulary.path(PAD).asInt(-1) != 0 || vocabulary.path(EOS).asInt(-1) != 1) return null;
    return new CharTokenizer(new String(letters, 0, found));
  }

  @Override public int[] encode(String text) {
    int[] out = new int[text.length()];
    for (int i = 0; i < out.length; i++) {
      char c = text.charAt(i);
      if (ids[c] < 0) throw new IllegalArgumentException("character '%c' (U+%04X) at %d is not in the tokenizer's alphabet \"%s\""
          .formatted(c, (int) c, i, alphabet.replace("\n", "\\n")));
      out[i] = ids[c];
    }
    return out;
  }

  @Override public String decode(int[] tokens) {
    var out = new StringBuilder(tokens.length);
    for (int id : tokens) {
      if (id < 0 || id >= size()) throw new IllegalArgumentException("token %d is outside the vocabulary of %d".formatted(id, size()));
      if (id >= FIRST) out.append(alphabet.charAt(id - FIRST));
    }
    return out.toString();
  }

  @Override public int size() {
    return FIRST + alphabet.length();
  }

  @Override public int eos() {
    return 1;
  }

  @Override public int pad() {
    return 0;
  }

  @Override public void save(Path dir) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding");
    var added = root.putArray("added_tokens");
    for (int id = 0; id < FIRST; id++) {
      added.addObject().put("id", id).put("content", id == 0 ? PAD : EOS).put("single_word", false).put("lstrip", false)
          .put("rstrip", false).put("normalized", false).put("special", true);
    }
    root.putNull("normalizer").putNull("pre_tokenizer").putNull("post_processor");
    root.putObject("decoder").put("type", "Fuse");
    ObjectNode model = root.putObject("model").put("type", "BPE").putNull("dropout").putNull("unk_token")
        .putNull("continuing_subword_prefix").putNull("end_of_word_suffix").put("fuse_unk", false).put("byte_fallback", false)
        .put("ignore_merges", false);
    ObjectNode vocabulary = model.putObject("vocab").put(PAD, 0).put(EOS, 1);
    for (int i = 0; i < alphabet.length(); i++) vocabulary.put(alphabet.substring(i, i + 1), FIRST + i);
    model.putArray("merges");
    Files.createDirectories(dir);
    JSON.writerWithDefaultPrettyPrinter().writeValue(dir.resolve("tokenizer.json").toFile(), root);
    JSON.writerWithDefaultPrettyPrinter().writeValue(dir.resolve("tokenizer_config.json").toFile(),
        JSON.createObjectNode().put("tokenizer_class", "PreTrainedTokenizerFast").put("eos_token", EOS).put("pad_token", PAD)
            .put("clean_up_tokenization_spaces", false).put("model_max_length", 1_000_000));
  }
}
