package io.ballast.objective;

import org.jspecify.annotations.Nullable;

/** Runs of tokens within a sequence: turns, sentences, or the sequence itself. */
public final class Segments {
  private Segments() {}

  /** Sees each segment [from, to) of a batch. */
  @FunctionalInterface
  public interface Visitor {
    void segment(int from, int to);
  }

  /**
   * Visits every non-empty segment, in order.
   *
   * @param column neighbouring tokens of a sequence with the same number there share a segment; null: the sequence is one segment
   */
  public static void each(TokenBatch batch, @Nullable String column, Visitor visitor) {
    double[] number = column == null ? null : batch.column(column);
    for (int s = 0; s < batch.sequences(); s++) {
      int from = batch.offsets()[s], end = batch.offsets()[s + 1];
      for (int t = from + 1; t <= end; t++) {
        boolean ends = t == end || number != null && number[t] != number[t - 1];
        if (!ends) continue;
        visitor.segment(from, t);
        from = t;
      }
    }
  }
}
