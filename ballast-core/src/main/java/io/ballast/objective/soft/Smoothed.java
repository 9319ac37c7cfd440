package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * PSPO's smoothed ratio: the current probability is mixed with the old one before the ratio is taken.
 *
 * <pre>
 *   x_s = ((1 − α) p + α p_old) / p_old = (1 − α) x + α
 *   J = x_s A,     ∂J/∂ln x = (1 − α) x A
 * </pre>
 * Nothing is detached. For a fixed α the gradient is that of plain importance weighting times 1 − α.
 *
 * <p>Metric {@code smoothed-ratio-mean}: mean of x_s over tokens.
 *
 * @see <a href="https://arxiv.org/abs/2509.21282">It's Not You, It's Clipping</a>
 */
public record Smoothed(double alpha) implements Term {
  public Smoothed {
    Check.within("alpha", alpha, 0, 1);
  }

  @Override public Kernel on(TokenBatch batch) {
    return new Kernel() {
      private double total;

      @Override public void apply(Token token) {
        double moving = (1 - alpha) * token.ratio, smoothed = moving + alpha;
        total += smoothed;
        token.answer(smoothed * token.advantage, moving * token.advantage, false);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("smoothed-ratio-mean", new Metric.Mean(total, batch.tokens()));
      }
    };
  }
}
