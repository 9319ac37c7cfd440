package io.ballast.ledger;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Plain maps, lists, numbers and texts to JSON and back, without reflection. A number that JSON cannot write (NaN, infinite) is written
 * as null; {@code NaN} and {@code Infinity} are read, so that whoever asked for numbers can refuse them by name.
 */
public final class Json {
  private static final JsonFactory FACTORY = JsonFactory.builder()
      .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
      .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .disable(JsonWriteFeature.ESCAPE_NON_ASCII)
      .build();

  private Json() {}

  /** One line, without its end. */
  public static String line(Map<String, ? extends @Nullable Object> object) {
    return text(object);
  }

  /** Any of maps, lists, arrays of numbers, numbers, texts, booleans and null. */
  public static String text(@Nullable Object value) {
    var text = new StringWriter();
    try (var json = FACTORY.createGenerator(text)) {
      write(json, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /**
   * The object a text holds.
   *
   * @throws IllegalArgumentException if it is anything else, naming the place
   */
  public static Map<String, @Nullable Object> object(String text) {
    try (var parser = FACTORY.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) throw new IllegalArgumentException("this is not a JSON object");
      var object = readObject(parser);
      if (parser.nextToken() != null) throw new IllegalArgumentException("there is something behind the JSON object");
      return object;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(place(e), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Hands out the objects of a stream one by one: a single object, one object a line, or an array of objects.
   *
   * @throws IllegalArgumentException at the first thing that is no object, naming the place
   */
  public static void objects(InputStream in, Consumer<Map<String, @Nullable Object>> each) throws IOException {
    try (var parser = FACTORY.createParser(in)) {
      boolean array = false;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.START_OBJECT) {
          each.accept(readObject(parser));
        } else if (token == JsonToken.START_ARRAY && !array) {
          array = true;
        } else if (token == JsonToken.END_ARRAY && array) {
          array = false;
        } else {
          var at = parser.currentTokenLocation();
          throw new IllegalArgumentException("line %d, column %d: expected a JSON object, found %s"
              .formatted(at.getLineNr(), at.getColumnNr(), parser.getText()));
        }
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(place(e), e);
    }
  }

  private static String place(JsonProcessingException e) {
    var at = e.getLocation();
    return "%sthis is not JSON: %s".formatted(at == null ? "" : "line %d, column %d: ".formatted(at.getLineNr(), at.getColumnNr()),
        e.getOriginalMessage());
  }

  private static Map<String, @Nullable Object> readObject(JsonParser parser) throws IOException {
    var object = new LinkedHashMap<String, @Nullable Object>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      object.put(name, readValue(parser));
    }
    return object;
  }

  private static @Nullable Object readValue(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> readObject(parser);
      case START_ARRAY -> {
        List<@Nullable Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) items.add(readValue(parser));
        yield items;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER ? (Object) parser.getDoubleValue() : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> json.writeNull();
      case Map<?, ?> map -> {
        json.writeStartObject();
        for (var entry : map.entrySet()) {
          json.writeFieldName(String.valueOf(entry.getKey()));
          write(json, entry.getValue());
        }
        json.writeEndObject();
      }
      case Collection<?> items -> {
        json.writeStartArray();
        for (Object item : items) write(json, item);
        json.writeEndArray();
      }
      case double[] numbers -> {
        json.writeStartArray();
        for (double number : numbers) write(json, number);
        json.writeEndArray();
      }
      case int[] numbers -> json.writeArray(numbers, 0, numbers.length);
      case long[] numbers -> json.writeArray(numbers, 0, numbers.length);
      case Double number when !Double.isFinite(number) -> json.writeNull();
      case Float number when !Float.isFinite(number) -> json.writeNull();
      case Double number -> json.writeNumber(number);
      case Float number -> json.writeNumber(number);
      case Long number -> json.writeNumber(number);
      case Integer number -> json.writeNumber(number);
      case Boolean flag -> json.writeBoolean(flag);
      default -> json.writeString(value.toString());
    }
  }
}
