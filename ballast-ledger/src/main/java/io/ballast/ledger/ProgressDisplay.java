package io.ballast.ledger;

import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one display of a run, on stderr. On a terminal two lines are redrawn in place; elsewhere a plain line appears every few
 * seconds. Messages scroll by above it.
 */
public final class ProgressDisplay implements AutoCloseable {
  private static final String SPARKS = "▁▂▃▄▅▆▇█";
  private static final long REDRAW_MILLIS = 100, PLAIN_MILLIS = 5_000;

  private final PrintStream err;
  private final boolean terminal;
  private final int width;
  private final LongSupplier millis;
  private final Deque<Double> rewards = new ArrayDeque<>();
  private @Nullable Double firstPass, lastPass;
  private String title = "";
  private long first, total, startedAt, drawnAt;
  private int drawnLines;
  private long step;
  private Map<String, ? extends Number> metrics = Map.of();

  /** @param width columns of the terminal */
  public ProgressDisplay(PrintStream err, boolean terminal, int width) {
    this(err, terminal, width, () -> System.nanoTime() / 1_000_000);
  }

  ProgressDisplay(PrintStream err, boolean terminal, int width, LongSupplier millis) {
    this.err = err;
    this.terminal = terminal;
    this.width = Math.max(40, width);
    this.millis = millis;
  }

  /** As the launcher describes the terminal: {@code ballast.terminal} (true where stderr is one) and {@code ballast.columns}. */
  public static ProgressDisplay standard(PrintStream err) {
    return new ProgressDisplay(err, Boolean.getBoolean("ballast.terminal"), Integer.getInteger("ballast.columns", 100));
  }

  /**
   * Begins a phase.
   *
   * @param title what is going on, for example {@code warm start} or {@code bapo on arithmetic}
   * @param done steps that were done before (a resumed run)
   * @param total step at which the phase ends
   */
  public synchronized void phase(String title, long done, long total) {
    clear();
    this.title = title;
    this.total = total;
    first = done;
    step = done;
    startedAt = millis.getAsLong();
    drawnAt = 0;
    metrics = Map.of();
    rewards.clear();
  }

  /** Shows a finished step with what its metric line holds. */
  public synchronized void step(long step, Map<String, ? extends Number> metrics) {
    this.step = step;
    this.metrics = metrics;
    Number reward = metrics.get("reward-mean");
    if (reward != null) {
      rewards.addLast(reward.doubleValue());
      if (rewards.size() > 512) rewards.removeFirst();
    }
    if (metrics.get("pass-at-1") instanceof Number pass) {
      lastPass = pass.doubleValue();
      if (firstPass == null) firstPass = lastPass;
    }
    long now = millis.getAsLong();
    boolean due = now - drawnAt >= (terminal ? REDRAW_MILLIS : PLAIN_MILLIS) || drawnAt == 0 || step >= total || metrics.containsKey("pass-at-1");
    if (!due) return;
    drawnAt = now;
    if (terminal) draw();
    else err.println(plain());
  }

  /** Prints a line that stays. */
  public synchronized void message(String line) {
    clear();
    err.println(line);
    if (terminal && total > 0 && step > first) draw();
  }

  @Override public synchronized void close() {
    if (terminal && drawnLines > 0 && step > first) draw();
    drawnLines = 0;
    total = 0;
    err.flush();
  }

  private void clear() {
    if (drawnLines > 0) err.print("\033[" + drawnLines + "A\033[J");
    drawnLines = 0;
  }

  private void draw() {
    var text = new StringBuilder();
    if (drawnLines > 0) text.append("\033[").append(drawnLines).append("A");
    List<String> lines = List.of(bar(), facts());
    for (String line : lines) text.append("\r\033[K").append(line).append('\n');
    drawnLines = lines.size();
    err.print(text);
    err.flush();
  }

  private double share() {
    return total <= 0 ? 1 : Math.clamp((double) step / total, 0, 1);
  }

  private String bar() {
    String head = "%s  %d/%d ".formatted(title, step, total);
    String tail = " %3.0f %%  %s".formatted(100 * share(), left());
    int room = Math.clamp(width - head.length() - tail.length() - 1, 5, 60);
    int filled = (int) Math.round(share() * room);
    return "\033[1m" + head + "\033[0m\033[36m" + "━".repeat(filled) + "\033[0m\033[2m" + "━".repeat(room - filled) + "\033[0m" + tail;
  }

  private String facts() {
    var parts = new ArrayList<String>();
    if (rewards.size() > 1) parts.add(sparks());
    parts.addAll(parts());
    var line = new StringBuilder();
    for (String part : parts) {
      if (line.length() + part.length() + 3 > width) break;
      line.append(line.isEmpty() ? "" : "   ").append(part);
    }
    return line.toString();
  }

  private String plain() {
    var all = new ArrayList<>(List.of("%s  step %d/%d".formatted(title, step, total)));
    all.addAll(parts());
    if (!left().isEmpty()) all.add(left());
    return String.join("  ", all);
  }

  /** Those of the display's figures that the metric line holds, most wanted first. */
  private List<String> parts() {
    var parts = new ArrayList<String>();
    number("reward-mean").ifPresent(value -> parts.add("reward %.3f".formatted(value)));
    if (lastPass != null && firstPass != null) {
      parts.add(lastPass.equals(firstPass) ? "pass@1 %.1f %%".formatted(100 * lastPass)
          : "pass@1 %.1f %% (%+.1f)".formatted(100 * lastPass, 100 * (lastPass - firstPass)));
    }
    number("loss").filter(_ -> !metrics.containsKey("reward-mean")).ifPresent(value -> parts.add("loss %.4f".formatted(value)));
    number("entropy").ifPresent(value -> parts.add("entropy %.3f".formatted(value)));
    if (metrics.get("clip-low") instanceof Number low && metrics.get("clip-high") instanceof Number high) {
      parts.add("bounds %.2f to %.2f".formatted(low.doubleValue(), high.doubleValue()));
    }
    number("staleness-max").filter(value -> value > 0).ifPresent(value -> parts.add("stale %.0f".formatted(value)));
    number("tokens-per-second").ifPresent(value -> parts.add("%,.0f tok/s".formatted(value)));
    return parts;
  }

  private java.util.Optional<Double> number(String name) {
    return metrics.get(name) instanceof Number n ? java.util.Optional.of(n.doubleValue()) : java.util.Optional.empty();
  }

  /** The rewards so far in 16 blocks, scaled to their own range. */
  private String sparks() {
    List<Double> all = List.copyOf(rewards);
    int cells = Math.min(16, all.size());
    double[] means = new double[cells];
    double low = Double.POSITIVE_INFINITY, high = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < cells; c++) {
      int from = c * all.size() / cells, to = (c + 1) * all.size() / cells;
      means[c] = all.subList(from, to).stream().mapToDouble(Double::doubleValue).average().orElse(0);
      low = Math.min(low, means[c]);
      high = Math.max(high, means[c]);
    }
    var text = new StringBuilder();
    for (double mean : means) {
      text.append(SPARKS.charAt(high > low ? (int) Math.round((mean - low) / (high - low) * (SPARKS.length() - 1)) : 0));
    }
    return text.toString();
  }

  private String left() {
    long done = step - first;
    if (step >= total) return "done in " + time(millis.getAsLong() - startedAt);
    return done <= 0 ? "" : time((millis.getAsLong() - startedAt) / done * (total - step)) + " left";
  }

  static String time(long millis) {
    long seconds = (millis + 500) / 1000;
    return seconds >= 3600 ? String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
        : String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
  }
}
