package io.ballast.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Comma-separated values with a header, quoted as RFC 4180 has it: a field in quotes may hold commas, line ends and doubled quotes. Every
 * value is a text.
 */
final class CsvFile {
  private final Path file;
  private final Reader in;
  private int line = 1;
  private int ahead;

  private CsvFile(Path file, Reader in) throws IOException {
    this.file = file;
    this.in = in;
    ahead = in.read();
    if (ahead == '\ufeff') ahead = in.read();
  }

  static void read(Path path, Consumer<Row> sink) throws IOException {
    try (BufferedReader in = Files.newBufferedReader(path)) {
      var csv = new CsvFile(path, in);
      List<String> header = csv.record();
      if (header == null) throw new IllegalArgumentException("%s is empty; the first line names the columns".formatted(path));
      if (header.stream().distinct().count() < header.size()) throw new IllegalArgumentException("%s: a column stands in the header twice".formatted(path));
      while (true) {
        String place = "%s, line %d".formatted(path, csv.line);
        List<String> values = csv.record();
        if (values == null) return;
        if (values.size() == 1 && values.getFirst().isBlank() && header.size() > 1) continue;
        if (values.size() != header.size()) {
          throw new IllegalArgumentException("%s: %d values for %d columns; a value with a comma or a line end stands in quotes".formatted(place, values.size(), header.size()));
        }
        var row = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < header.size(); i++) row.put(header.get(i), values.get(i));
        sink.accept(new Row(place, row));
      }
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("%s is not UTF-8 text".formatted(path), e);
    }
  }

  private int next() throws IOException {
    int c = ahead;
    if (c >= 0) ahead = in.read();
    if (c == '\n') line++;
    return c;
  }

  /** The next line's values, null at the end of the file. */
  private @Nullable List<String> record() throws IOException {
    if (ahead < 0) return null;
    var values = new ArrayList<String>();
    var value = new StringBuilder();
    while (true) {
      int c = next();
      if (c == '"' && value.isEmpty()) {
        quoted(value);
        if (ahead >= 0 && ",\r\n".indexOf(ahead) < 0) throw new IllegalArgumentException("%s, line %d: '%c' follows a closing quote".formatted(file, line, ahead));
      } else if (c == ',' || c == '\n' || c < 0) {
        values.add(value.toString());
        value.setLength(0);
        if (c != ',') return values;
      } else if (c != '\r' || ahead != '\n') {
        value.append((char) c);
      }
    }
  }

  private void quoted(StringBuilder value) throws IOException {
    int opened = line;
    while (true) {
      int c = next();
      if (c < 0) throw new IllegalArgumentException("%s, line %d: the quote opened here is not closed".formatted(file, opened));
      if (c != '"') value.append((char) c);
      else if (ahead == '"') value.append((char) next());
      else return;
    }
  }
}
