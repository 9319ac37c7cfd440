package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.Metric;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Map;

/**
 * Shrinks a step whose update the clip has biased: PPO's gradient is the importance-weighted policy gradient without the clipped
 * tokens' share C, and a large C means that the batch is far off policy.
 *
 * <pre>
 *   c = ‖ 1{t clipped} · x_t A_t / |y_i| ‖₂ over all tokens of the step        detached
 *   f = 1 / max(1, c / floor)                                                  one factor for every token
 * </pre>
 *
 * The paper divides by the norm of C itself, a gradient over parameters; this scalar stand-in needs no second backward pass. The floor
 * is ours: on policy C = 0.
 *
 * @param level of the clipped ratio x
 * @param low lower bound of the ratio, 1 − clip-low
 * @param high upper bound of the ratio, 1 + clip-high
 * @param norm c over the whole step; NaN: not solved
 * @see <a href="https://arxiv.org/abs/2511.20718">ST-PPO</a>
 */
public record ClippingBias(RatioLevel level, double low, double high, double floor, double norm) implements Weighting {

  public ClippingBias {
    Check.above("c0", floor, 0);
  }

  public ClippingBias(RatioLevel level, double low, double high, double floor) {
    this(level, low, high, floor, Double.NaN);
  }

  @Override public ClippingBias prepared(TokenBatch whole, RatioLevel ofObjective) {
    return new ClippingBias(level, low, high, floor, normOf(whole));
  }

  @Override public boolean isSolved() {
    return !Double.isNaN(norm);
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    double scale = 1 / Math.max(1, norm / floor);
    for (int t = 0; t < factor.length; t++) factor[t] *= scale;
    metrics.put("clipping-bias-norm", new Metric.Same(norm));
    metrics.put("clipping-bias-scale", new Metric.Same(scale));
  }

  private double normOf(TokenBatch batch) {
    double[] x = new double[batch.tokens()];
    level.logRatios(batch, x);
    double sum = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) {
        double ratio = Math.exp(x[t]), a = batch.advantage()[t];
        boolean clipped = a > 0 ? ratio > high : a < 0 && ratio < low;
        if (!clipped) continue;
        double share = ratio * a / batch.length(s);
        sum += share * share;
      }
    }
    return Math.sqrt(sum);
  }
}
