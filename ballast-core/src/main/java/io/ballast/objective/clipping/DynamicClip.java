package io.ballast.objective.clipping;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * PPO's clip with bounds that depend on how probable the token was: rare tokens may move further.
 *
 * <pre>
 *   q = exp(oldLogp)
 *   lo(q) = ½ + ½ √max(1 − 4 ε_low/q, 0)      hi(q) = min(½ + ½ √(1 + 4 ε_high/q), cap)
 *   J = min(x A, clip(x, lo, hi) A)           for A &lt; 0 then J ← max(J, cap · A)
 * </pre>
 *
 * The bounds solve |(x − 1) x q| ≤ ε and carry no gradient.
 *
 * @param epsilonLow ε_low, in probability
 * @param epsilonHigh ε_high, in probability
 * @param cap limit of the upper bound, and dual clip
 * @see <a href="https://arxiv.org/abs/2509.02333">DCPO</a>
 */
public record DynamicClip(double epsilonLow, double epsilonHigh, double cap) implements Term {

  public DynamicClip {
    Check.within("clip-low", epsilonLow, 0, Double.MAX_VALUE);
    Check.within("clip-high", epsilonHigh, 0, Double.MAX_VALUE);
    Check.above("dual-clip", cap, 1);
  }

  @Override public boolean clips() {
    return true;
  }

  /** lo(q). */
  public double low(double q) {
    return 0.5 + 0.5 * Math.sqrt(Math.max(1 - 4 * epsilonLow / q, 0));
  }

  /** hi(q). */
  public double high(double q) {
    return Math.min(0.5 + 0.5 * Math.sqrt(1 + 4 * epsilonHigh / q), cap);
  }

  @Override public Kernel on(TokenBatch batch) {
    double[] old = batch.oldLogp();
    return new Kernel() {
      private double lows, highs;
      private long negatives, positives, capped;

      @Override public void apply(Token token) {
        double x = token.ratio, advantage = token.advantage;
        if (advantage > 0) {
          double high = high(Math.exp(old[token.index]));
          highs += high;
          positives++;
          answer(token, x > high, high);
        } else if (advantage < 0) {
          double low = low(Math.exp(old[token.index]));
          lows += low;
          negatives++;
          if (x > cap) {
            token.answer(cap * advantage, 0, false);
            capped++;
          } else {
            answer(token, x < low, low);
          }
        } else {
          token.answer(0, 0, false);
        }
      }

      private void answer(Token token, boolean clipped, double bound) {
        double free = token.ratio * token.advantage;
        token.answer(clipped ? bound * token.advantage : free, clipped ? 0 : free, clipped);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("clip-low", new Metric.Mean(lows, negatives));
        metrics.put("clip-high", new Metric.Mean(highs, positives));
        if (cap < Double.POSITIVE_INFINITY) metrics.put("dual-clipped-fraction", new Metric.Mean(capped, batch.tokens()));
      }
    };
  }
}
