package io.ballast.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** JSON lines, and JSON files with an array of objects or one object. */
final class JsonFiles {
  private static final TypeReference<Map<String, @Nullable Object>> ROW = new TypeReference<>() {};
  /** One value of a file that holds more. */
  private static final ObjectReader OBJECT = Json.MAPPER.readerFor(ROW).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final int LONGEST_LINE = 256 << 20;

  private JsonFiles() {}

  static void lines(Path file, Consumer<Row> sink) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      var bytes = new ByteArrayOutputStream();
      long line = 0, offset = 0;
      while (true) {
        bytes.reset();
        int c;
        while ((c = in.read()) >= 0 && c != '\n') {
          if (bytes.size() >= LONGEST_LINE) throw new IllegalArgumentException("%s, line %d: more than %d bytes".formatted(file, line + 1, LONGEST_LINE));
          bytes.write(c);
        }
        line++;
        String place = "%s, line %d".formatted(file, line);
        String text = text(bytes.toByteArray(), place, offset);
        if (!text.isBlank()) sink.accept(new Row(place, object(text, place, offset)));
        offset += bytes.size() + 1L;
        if (c < 0) return;
      }
    }
  }

  private static String text(byte[] bytes, String place, long offset) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return offset == 0 && text.startsWith("\ufeff") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      int good = 0;
      while (good < bytes.length && new String(bytes, 0, good + 1, StandardCharsets.UTF_8).indexOf('\ufffd') < 0) good++;
      throw new IllegalArgumentException("%s, near byte %d of the file: not UTF-8 text".formatted(place, offset + good), e);
    }
  }

  private static Map<String, @Nullable Object> object(String text, String place, long offset) {
    try {
      Map<String, @Nullable Object> row = Json.MAPPER.readValue(text, ROW);
      if (row == null) throw new IllegalArgumentException("%s: null; a row is a JSON object".formatted(place));
      return row;
    } catch (JsonProcessingException e) {
      long column = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getCharOffset());
      int cut = (int) Math.min(text.length(), column);
      long at = offset + text.substring(0, cut).getBytes(StandardCharsets.UTF_8).length;
      throw new IllegalArgumentException("%s, byte %d of the file: no JSON object: %s".formatted(place, at, e.getOriginalMessage()), e);
    }
  }

  static void whole(Path file, Consumer<Row> sink) throws IOException {
    try (var parser = Json.MAPPER.getFactory().createParser(file.toFile())) {
      JsonToken first = parser.nextToken();
      if (first == JsonToken.START_OBJECT) {
        sink.accept(new Row(file.toString(), OBJECT.readValue(parser)));
      } else if (first == JsonToken.START_ARRAY) {
        for (long row = 1; parser.nextToken() != JsonToken.END_ARRAY; row++) {
          if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("%s, row %d (line %d): a row is a JSON object".formatted(file, row, parser.currentLocation().getLineNr()));
          }
          sink.accept(new Row("%s, row %d".formatted(file, row), OBJECT.readValue(parser)));
        }
      } else {
        throw new IllegalArgumentException("%s holds no JSON array or object; for an object a line use the ending .jsonl or format jsonl".formatted(file));
      }
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("%s, line %d: something follows the JSON value; for an object a line use the ending .jsonl or format jsonl"
            .formatted(file, parser.currentLocation().getLineNr()));
      }
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      throw new IllegalArgumentException("%s, line %d, byte %d: no JSON: %s".formatted(file, at == null ? 0 : at.getLineNr(), at == null ? 0 : at.getByteOffset(),
          e.getOriginalMessage()), e);
    }
  }
}
