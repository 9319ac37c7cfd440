package io.ballast.ledger;

import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** {@code events.jsonl}: what happened and when, {@code {"event": "checkpoint", "time": …, "step": 40}}. The only file with times of day. */
public final class EventLog implements AutoCloseable {
  private final JsonLines lines;
  private final Clock clock;

  EventLog(Path file, Supplier<String> safe, Clock clock) {
    lines = new JsonLines(file, safe);
    this.clock = clock;
  }

  public void started(Map<String, ?> details) {
    write("started", details);
  }

  public void resumed(long step, Map<String, ?> details) {
    write("resumed", with("step", step, details));
  }

  public void checkpoint(long step) {
    write("checkpoint", Map.of("step", step));
  }

  public void warning(String message) {
    write("warning", Map.of("message", message));
  }

  public void failed(long step, String message) {
    write("failed", with("step", step, Map.of("message", message)));
  }

  /** @param summary plain sentences, shown at the top of the report */
  public void finished(long step, String summary) {
    write("finished", with("step", step, Map.of("summary", summary)));
  }

  private static Map<String, Object> with(String key, Object value, Map<String, ?> details) {
    var all = new LinkedHashMap<String, Object>();
    all.put(key, value);
    all.putAll(details);
    return all;
  }

  private void write(String event, Map<String, ?> details) {
    var line = with("event", event, Map.of("time", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString()));
    line.putAll(details);
    lines.append(line);
  }

  void sync() {
    lines.sync();
  }

  @Override public void close() {
    lines.close();
  }

  /** Every line of an {@code events.jsonl}, in order. */
  public static List<Map<String, Object>> read(Path file) {
    return JsonLines.read(file);
  }
}
