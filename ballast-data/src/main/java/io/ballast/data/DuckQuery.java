package io.ballast.data;

import java.nio.file.Path;
import java.sql.Array;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Struct;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.duckdb.DuckDBStruct;
import org.jspecify.annotations.Nullable;

/** Parquet and SQL through an in-memory DuckDB that fetches nothing: extensions are neither installed nor loaded by themselves. */
final class DuckQuery {
  private DuckQuery() {}

  static void parquet(Path file, Consumer<Row> sink) {
    run("select * from read_parquet('%s')".formatted(file.toString().replace("'", "''")), file.toString(), sink);
  }

  static void run(String query, String owner, Consumer<Row> sink) {
    var settings = new Properties();
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("jdbc_stream_results", "true");
    settings.setProperty("threads", "1");
    try (var connection = DriverManager.getConnection("jdbc:duckdb:", settings);
        var statement = connection.createStatement();
        var results = statement.executeQuery(query)) {
      var columns = results.getMetaData();
      for (long number = 1; results.next(); number++) {
        var row = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 1; i <= columns.getColumnCount(); i++) row.put(columns.getColumnLabel(i), plain(results.getObject(i)));
        sink.accept(new Row("%s, row %d".formatted(owner, number), row));
      }
    } catch (SQLException e) {
      // What follows the first line is the query with a mark under it.
      throw new IllegalArgumentException("%s: %s".formatted(owner, String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("")), e);
    }
  }

  private static @Nullable Object plain(@Nullable Object value) throws SQLException {
    return switch (value) {
      case null -> null;
      case String _, Boolean _, Long _, Double _ -> value;
      case Integer n -> n.longValue();
      case Short n -> n.longValue();
      case Byte n -> n.longValue();
      case Float f -> Double.valueOf(f.toString());
      case Number n -> n;
      case Array array -> list(java.util.Arrays.asList((Object[]) array.getArray()));
      case DuckDBStruct struct -> map(struct.getMap());
      case Struct struct -> list(java.util.Arrays.asList(struct.getAttributes()));
      case Map<?, ?> map -> map(map);
      case Object other -> other.toString();
    };
  }

  private static List<@Nullable Object> list(List<?> items) throws SQLException {
    var out = new ArrayList<@Nullable Object>(items.size());
    for (Object item : items) out.add(plain(item));
    return out;
  }

  private static Map<String, @Nullable Object> map(Map<?, ?> map) throws SQLException {
    var out = new LinkedHashMap<String, @Nullable Object>();
    for (var entry : map.entrySet()) out.put(String.valueOf(entry.getKey()), plain(entry.getValue()));
    return out;
  }
}
