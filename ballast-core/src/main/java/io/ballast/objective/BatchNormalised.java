package io.ballast.objective;

import java.util.HashMap;
import java.util.Map;

/**
 * A correction divided by its mean over the whole optimizer step, so that its weights average 1.
 *
 * <pre>   w'_t = w_t / mean w      the mean over trained tokens, or over sequences of each sequence's shared weight</pre>
 *
 * The mean is a constant, solved over the step. A mean of 0, where everything was rejected, leaves the weights at 0.
 *
 * @param perSequence whether each sequence counts once: for weights that a sequence shares
 * @param mean of the whole step; NaN: not solved
 */
public record BatchNormalised(Weighting weighting, boolean perSequence, double mean) implements Weighting {

  public BatchNormalised(Weighting weighting, boolean perSequence) {
    this(weighting, perSequence, Double.NaN);
  }

  @Override public BatchNormalised prepared(TokenBatch whole, RatioLevel level) {
    Weighting solved = weighting.prepared(whole, level);
    return new BatchNormalised(solved, perSequence, meanOf(whole, solved.factors(whole, new HashMap<>())));
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    double[] weights = weighting.factors(batch, metrics);
    for (int t = 0; t < factor.length; t++) factor[t] *= mean == 0 ? weights[t] : weights[t] / mean;
    metrics.put("importance-mean", new Metric.Same(mean));
  }

  @Override public boolean isSolved() {
    return !Double.isNaN(mean);
  }

  private double meanOf(TokenBatch batch, double[] weights) {
    double sum = 0, count = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      int from = batch.offsets()[s], to = perSequence ? Math.min(from + 1, batch.offsets()[s + 1]) : batch.offsets()[s + 1];
      for (int t = from; t < to; t++) sum += weights[t];
      count += to - from;
    }
    return count == 0 ? 1 : sum / count;
  }
}
