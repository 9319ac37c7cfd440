package io.ballast.verify;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts verdicts by kind. Kinds are never folded into each other: a time-out is not a wrong answer. */
public final class Tally {
  private static final List<String> LABELS = List.of("right", "wrong", "unanswered", "unreadable-gold", "timed-out");

  private final Map<String, Long> counts = new LinkedHashMap<>();
  private double scores;

  public Tally() {
    for (var label : LABELS) counts.put(label, 0L);
  }

  public synchronized void add(Verdict verdict) {
    counts.merge(verdict.label(), 1L, Long::sum);
    scores += verdict.score();
  }

  public synchronized long count(String label) {
    return counts.getOrDefault(label, 0L);
  }

  public synchronized long total() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Mean score over all verdicts; 0 where there are none. */
  public synchronized double meanScore() {
    return total() == 0 ? 0 : scores / total();
  }

  /** {@code 7 right, 2 wrong, 1 timed-out}: kinds that did not occur are left out. */
  @Override public synchronized String toString() {
    var parts = counts.entrySet().stream().filter(entry -> entry.getValue() > 0).map(entry -> entry.getValue() + " " + entry.getKey()).toList();
    return parts.isEmpty() ? "nothing checked" : String.join(", ", parts);
  }
}
