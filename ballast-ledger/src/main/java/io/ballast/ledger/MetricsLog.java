package io.ballast.ledger;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** {@code metrics.jsonl}: one line an optimizer step, on disk as soon as it is written. */
public final class MetricsLog implements AutoCloseable {
  private final JsonLines lines;
  private volatile long last = -1;

  MetricsLog(Path file, Supplier<String> safe) {
    lines = new JsonLines(file, safe);
  }

  /**
   * Writes one line.
   *
   * @param metrics kebab-case name to number, in the order they are written; NaN and infinities become null
   */
  public void append(long step, Map<String, ? extends Number> metrics) {
    var line = new LinkedHashMap<String, Object>();
    line.put("step", step);
    line.putAll(metrics);
    line.put("step", step);
    lines.append(line);
    last = step;
  }

  /** The last step written by this process, −1 before the first. */
  public long last() {
    return last;
  }

  void sync() {
    lines.sync();
  }

  @Override public void close() {
    lines.close();
  }

  /** Every line of a {@code metrics.jsonl}, in order. */
  public static List<Map<String, Object>> read(Path file) {
    return JsonLines.read(file);
  }

  /** Drops the lines after a step. */
  static void dropAfter(Path file, long step) {
    JsonLines.truncate(file, line -> line.get("step") instanceof Number n && n.longValue() <= step);
  }
}
