package io.ballast.objective.offpolicy;

import io.ballast.objective.Column;
import io.ballast.objective.Metric;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.Segments;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Map;

/**
 * Counts every turn of the step alike, whatever its length: to be used over {@link io.ballast.objective.Aggregation.SeqMeanTokenSum},
 * whose weight 1/S it turns into 1/(K·|turn|), for the policy term and, by {@link io.ballast.objective.Weighed}, for penalties.
 *
 * <pre>   f_t = S / (K · |turn of t|)      S sequences and K turns in the whole step</pre>
 *
 * @param turns K; −1: not counted yet
 */
public record TurnMean(long turns) implements Weighting {

  public TurnMean() {
    this(-1);
  }

  @Override public TurnMean prepared(TokenBatch whole, RatioLevel level) {
    return new TurnMean(count(whole));
  }

  @Override public boolean isSolved() {
    return turns >= 0;
  }

  private static long count(TokenBatch batch) {
    long[] count = new long[1];
    Segments.each(batch, Column.TURN, (from, to) -> count[0]++);
    return count[0];
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    double perTurn = batch.step().sequences() / (double) turns;
    Segments.each(batch, Column.TURN, (from, to) -> {
      for (int t = from; t < to; t++) factor[t] *= perTurn / (to - from);
    });
  }
}
