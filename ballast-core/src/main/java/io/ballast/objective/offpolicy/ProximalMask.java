package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.Metric;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Map;

/**
 * PPO's clip as a mask: drops the tokens that clipping against the proximal policy would leave without gradient.
 *
 * <pre>
 *   r = exp(logp − oldLogp)
 *   f = 0  where A &gt; 0 and r &gt; high, or A &lt; 0 and r &lt; low;  1 elsewhere        detached
 * </pre>
 *
 * @param low lower bound of the ratio, 1 − clip-low
 * @param high upper bound of the ratio, 1 + clip-high
 * @see <a href="https://arxiv.org/abs/2512.01374">MiniRL</a>
 */
public record ProximalMask(double low, double high) implements Weighting {
  public ProximalMask {
    Check.within("lower ratio bound", low, Double.NEGATIVE_INFINITY, 1);
    Check.within("upper ratio bound", high, 1, Double.POSITIVE_INFINITY);
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    double[] advantage = batch.advantage();
    long dropped = 0;
    for (int t = 0; t < factor.length; t++) {
      double a = advantage[t], r = batch.ratio(t);
      if (!(a > 0 ? r > high : a < 0 && r < low)) continue;
      factor[t] = 0;
      dropped++;
    }
    metrics.put("clipped-fraction", new Metric.Mean(dropped, batch.tokens()));
    metrics.put("clip-low", new Metric.Same(low));
    metrics.put("clip-high", new Metric.Same(high));
  }
}
