package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * The importance-weighted advantage less a quadratic in the ratio's distance from 1: R2VPO, SPO and CFPO are this one kernel.
 *
 * <pre>
 *   J = x A − λ_t (x − 1)²
 *   ∂J/∂ln x = x (A − 2 λ_t (x − 1))
 *   R2VPO       λ_t = λ, a multiplier of the constraint mean (x − 1)² ≤ δ; detached
 *   SPO, CFPO   λ_t = |A| / (2 ε), so that the optimum of a token is x = 1 + ε sign A, and beyond it the gradient pulls back
 * </pre>
 * No min and no clip. E_old (x − 1)² is the chi-squared divergence of the policy from the old one.
 *
 * <p>Metric {@code ratio-variance}: mean of (x − 1)² over tokens.
 *
 * @param lambda λ of R2VPO, 0 for a band
 * @param bandLow ε where A &lt; 0, infinite where there is none
 * @param bandHigh ε where A &gt; 0, infinite where there is none
 * @see <a href="https://arxiv.org/abs/2601.03320">Ratio-Variance Regularized Policy Optimization</a>
 * @see <a href="https://arxiv.org/abs/2401.16025">Simple Policy Optimization</a>
 * @see <a href="https://arxiv.org/abs/2601.22801">Clipping-Free Policy Optimization</a>, equation 7
 */
public record QuadraticPull(double lambda, double bandLow, double bandHigh) implements Term {
  public QuadraticPull {
    Check.within("lambda", lambda, 0, Double.MAX_VALUE);
    Check.above("eps", bandLow, 0);
    Check.above("eps", bandHigh, 0);
  }

  /** R2VPO's: one multiplier for all tokens. */
  public static QuadraticPull multiplier(double lambda) {
    return new QuadraticPull(lambda, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  /** SPO's and CFPO's: the optimum of each token is 1 + high for A &gt; 0 and 1 − low for A &lt; 0. */
  public static QuadraticPull band(double low, double high) {
    return new QuadraticPull(0, low, high);
  }

  @Override public Kernel on(TokenBatch batch) {
    return new Kernel() {
      private double squares;

      @Override public void apply(Token token) {
        double x = token.ratio, advantage = token.advantage, away = x - 1;
        double pull = lambda + Math.abs(advantage) / (2 * (advantage > 0 ? bandHigh : bandLow));
        squares += away * away;
        token.answer(x * advantage - pull * away * away, x * (advantage - 2 * pull * away), false);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("ratio-variance", new Metric.Mean(squares, batch.tokens()));
      }
    };
  }
}
