package io.ballast.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads files row by row: JSON lines, JSON (an array of objects, or one object), CSV with a header, Parquet, or all of a folder in the order
 * of their names; or what an SQL query selects. Only Parquet and SQL load DuckDB. A row that cannot be read is named by file, line and byte.
 */
public final class Rows {
  private interface Format {
    void read(Path file, Consumer<Row> sink) throws IOException;
  }

  private static final Map<String, Format> FORMATS = Map.of("jsonl", JsonFiles::lines, "ndjson", JsonFiles::lines, "json", JsonFiles::whole,
      "csv", CsvFile::read, "parquet", DuckQuery::parquet);

  private Rows() {}

  /**
   * @param format {@code jsonl}, {@code json}, {@code csv}, {@code parquet}, or null: by the file's ending
   * @throws IllegalArgumentException if something cannot be read, naming file and row
   */
  public static void read(Path path, @Nullable String format, Consumer<Row> sink) {
    try {
      if (Files.isDirectory(path)) {
        List<Path> files = files(path);
        if (files.isEmpty()) throw new IllegalArgumentException("folder %s holds no .jsonl, .json, .csv or .parquet file".formatted(path));
        for (Path file : files) read(file, format, sink);
        return;
      }
      if (!Files.isRegularFile(path)) throw new IllegalArgumentException("no file or folder %s".formatted(path.toAbsolutePath()));
      String kind = format != null ? format : ending(path);
      Format reader = FORMATS.get(kind);
      if (reader == null) {
        throw new IllegalArgumentException("%s: format '%s' is not known; data are read from jsonl, json, csv and parquet (set format)".formatted(path, kind));
      }
      reader.read(path, sink);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read %s: %s".formatted(path, e.getMessage()), e);
    }
  }

  /** The rows of a {@code select}; files are named in it: {@code select * from 'a.parquet'}. */
  public static void sql(String query, Consumer<Row> sink) {
    DuckQuery.run(query, "the SQL selection", sink);
  }

  /** {@code train.jsonl}, {@code train/} and the like of a folder; null where there is none or the path is a file. */
  static @Nullable Path part(Path folder, String name) {
    if (!Files.isDirectory(folder)) return null;
    try (var inside = Files.list(folder)) {
      return inside.filter(file -> file.getFileName().toString().matches(name + "(\\.(jsonl|ndjson|json|csv|parquet))?")).sorted().findFirst().orElse(null);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + folder, e);
    }
  }

  /** The data files of a folder and of the folders in it, by name. */
  static List<Path> files(Path folder) throws IOException {
    try (var walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile).filter(file -> FORMATS.containsKey(ending(file))).sorted().toList();
    }
  }

  private static String ending(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
