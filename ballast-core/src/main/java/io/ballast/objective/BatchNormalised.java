package io.ballast.objective;

import java.util.Arrays;
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
    return new BatchNormalised(solved, perSequence, meanOf(whole, weights(solved, whole)));
  }

  @Override public void multiply(TokenBatch batch, double[] factor) {
    double[] weights = weights(weighting, batch);
    for (int t = 0; t < factor.length; t++) factor[t] *= mean == 0 ? weights[t] : weights[t] / mean;
  }

  @Override public boolean isSolved() {
    return !Double.isNaN(mean);
  }

  private static double[] weights(Weighting weighting, TokenBatch batch) {
    double[] weights = new double[batch.tokens()];
    Arrays.fill(weights, 1);
    weighting.multiply(batch, weights);
    return weights;
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

  @Override public void report(TokenBatch batch, Map<String, Metric> metrics) {
    weighting.report(batch, metrics);
    metrics.put("importance-mean", new Metric.Same(mean));
  }
}
