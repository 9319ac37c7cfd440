package io.ballast.objective;

import java.util.Map;

/**
 * PPO's clipped surrogate, with unequal bounds, dual clip and two-sided delta.
 *
 * <pre>
 *   J = min(x A, clip(x, low, high) A)            x the ratio; for A &lt; 0 then J ← max(J, cap · A)
 *   ∂J/∂ln x = x A  inside, 0 where A &gt; 0 and x &gt; high, A &lt; 0 and x &lt; low, or A &lt; 0 and x &gt; cap
 * </pre>
 *
 * On the bound itself the gradient flows.
 *
 * @param low lower bound of the ratio, 1 − clip-low
 * @param high upper bound of the ratio, 1 + clip-high
 * @param cap dual clip c or two-sided delta; infinite: none
 * @see <a href="https://arxiv.org/abs/1707.06347">Schulman et al. 2017</a>, equation 7
 * @see <a href="https://arxiv.org/abs/1912.09729">Ye et al. 2019</a> for the dual clip
 */
public record Clip(double low, double high, double cap) implements Term {

  public Clip {
    Check.within("lower ratio bound", low, Double.NEGATIVE_INFINITY, 1);
    Check.within("upper ratio bound", high, 1, Double.POSITIVE_INFINITY);
    Check.above("dual-clip", cap, 1);
  }

  public Clip(double low, double high) {
    this(low, high, Double.POSITIVE_INFINITY);
  }

  @Override public boolean clips() {
    return true;
  }

  @Override public Kernel on(TokenBatch batch) {
    return new Kernel() {
      private long capped;

      @Override public void apply(Token token) {
        double x = token.ratio, advantage = token.advantage;
        if (advantage > 0 ? x > high : advantage < 0 && x < low) {
          token.answer((advantage > 0 ? high : low) * advantage, 0, true);
        } else if (x > cap && advantage < 0) {
          token.answer(cap * advantage, 0, false);
          capped++;
        } else {
          double value = x * advantage;
          token.answer(value, value, false);
        }
      }

      @Override public void report(Map<String, Metric> metrics) {
        reportBounds(metrics, low, high, cap, capped, batch);
      }
    };
  }

  /** The bounds as they apply to the ratio, and how many tokens the cap held. */
  public static void reportBounds(Map<String, Metric> metrics, double low, double high, double cap, long capped, TokenBatch batch) {
    metrics.put("clip-low", new Metric.Same(low));
    metrics.put("clip-high", new Metric.Same(high));
    if (cap < Double.POSITIVE_INFINITY) metrics.put("dual-clipped-fraction", new Metric.Mean(capped, batch.tokens()));
  }
}
