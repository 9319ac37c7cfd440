package io.ballast.data;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One example of a file.
 *
 * @param place file and line or row, for messages
 * @param values column to text, number, flag, list, map or null
 */
public record Row(String place, Map<String, @Nullable Object> values) {

  /** An exception about this row that names where it stands. */
  IllegalArgumentException refused(String reason) {
    return new IllegalArgumentException(place + ": " + reason);
  }

  /**
   * The value of a column; {@code a.b} is the entry b of the mapping in column a.
   *
   * @throws IllegalArgumentException if there is none, naming file, row and the columns there are
   */
  @Nullable Object value(String column) {
    if (values.containsKey(column)) return values.get(column);
    int dot = column.indexOf('.');
    if (dot > 0 && values.get(column.substring(0, dot)) instanceof Map<?, ?> inner && inner.containsKey(column.substring(dot + 1))) {
      return inner.get(column.substring(dot + 1));
    }
    throw refused("no column '%s'; there are: %s".formatted(column, String.join(", ", values.keySet())));
  }

  boolean has(String column) {
    return values.containsKey(column);
  }

  /** The value as text; a list or a mapping as JSON. Null and absent are refused. */
  String text(String column) {
    return switch (value(column)) {
      case null -> throw refused("column '%s' is empty".formatted(column));
      case String text -> text;
      case Double d when d == Math.rint(d) && Math.abs(d) < 1e15 -> Long.toString(d.longValue());
      case Object other -> Json.write(other);
    };
  }
}
