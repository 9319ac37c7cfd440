package io.ballast.objective.clipping;

import io.ballast.objective.Check;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.Segments;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Arrays;
import java.util.HashMap;
import org.jspecify.annotations.Nullable;

/**
 * The geometric mean over a sequence of token ratios that are clipped first, on the side the advantage points to.
 *
 * <pre>
 *   d_t  = logp_t − oldLogp_t
 *   c_t  = min(d_t, high) where A &gt; 0,  max(d_t, −low) where A &lt; 0
 *   ln x = 1/n Σ_t c_t                       over the tokens the selection keeps, n of them
 *   ∂ln x/∂logp_t = 1/n where not clipped, else 0
 * </pre>
 *
 * @param low nats
 * @param high nats
 * @param selection tokens that enter the mean; null: all
 * @see <a href="https://arxiv.org/abs/2507.20673">GMPO</a>
 */
public record ClippedGeometricMean(double low, double high, @Nullable Weighting selection) implements RatioLevel {

  public ClippedGeometricMean {
    Check.within("clip-low", low, 0, Double.MAX_VALUE);
    Check.within("clip-high", high, 0, Double.MAX_VALUE);
  }

  @Override public RatioLevel prepared(TokenBatch whole, RatioLevel level) {
    return selection == null ? this : new ClippedGeometricMean(low, high, selection.prepared(whole, level));
  }

  @Override public boolean isSolved() {
    return selection == null || selection.isSolved();
  }

  /** Whether token t is held by its bound. */
  boolean clips(TokenBatch batch, int t) {
    double d = batch.logRatio(t), advantage = batch.advantage()[t];
    return advantage > 0 && d > high || advantage < 0 && d < -low;
  }

  @Override public void logRatios(TokenBatch batch, double[] out) {
    double[] kept = kept(batch);
    Segments.each(batch, null, (from, to) -> {
      double sum = 0, count = 0;
      for (int t = from; t < to; t++) {
        double c = clips(batch, t) ? batch.advantage()[t] > 0 ? high : -low : batch.logRatio(t);
        sum += kept == null ? c : kept[t] * c;
        count += kept == null ? 1 : kept[t];
      }
      Arrays.fill(out, from, to, sum / Math.max(count, 1));
    });
  }

  @Override public void spread(TokenBatch batch, double[] gradient) {
    double[] kept = kept(batch);
    Segments.each(batch, null, (from, to) -> {
      double sum = 0, count = 0;
      for (int t = from; t < to; t++) {
        sum += gradient[t];
        count += kept == null ? 1 : kept[t];
      }
      double each = sum / Math.max(count, 1);
      for (int t = from; t < to; t++) {
        boolean free = !clips(batch, t) && Math.abs(batch.logp()[t] - batch.oldLogp()[t]) <= TokenBatch.MAX_LOG_RATIO;
        gradient[t] = free ? kept == null ? each : kept[t] * each : 0;
      }
    });
  }

  private double @Nullable [] kept(TokenBatch batch) {
    return selection == null ? null : selection.factors(batch, new HashMap<>());
  }
}
