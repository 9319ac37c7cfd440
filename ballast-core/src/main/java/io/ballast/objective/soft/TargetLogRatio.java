package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * APA: the log-ratio to an anchor policy is regressed onto the advantage.
 *
 * <pre>
 *   J = −(y − c A)²,     y = logp − anchor
 *   dJ/dlogp = −2 (y − c A)
 * </pre>
 * No importance ratio, nothing detached. The regularised optimum is π ∝ π_anchor exp(A/λ) with c = 1/λ and the partition function
 * taken as 1.
 *
 * <p>Metrics {@code anchor-log-ratio}: mean of |y|; {@code residual}: mean of |y − cA|.
 *
 * @param anchor column of the anchor's log-probabilities; the reference policy in the paper
 * @see <a href="https://arxiv.org/abs/2306.02231">Advantage-Induced Policy Alignment</a>
 */
public record TargetLogRatio(double c, String anchor) implements Term {
  public TargetLogRatio {
    Check.within("c", c, 0, Double.MAX_VALUE);
  }

  @Override public boolean throughRatio() {
    return false;
  }

  @Override public boolean readsRatio() {
    return false;
  }

  @Override public Kernel on(TokenBatch batch) {
    double[] anchored = anchor.equals(Column.BEHAVIOUR_LOGP) ? batch.behaviourLogp() : batch.column(anchor);
    return new Kernel() {
      private double away, residuals;

      @Override public void apply(Token token) {
        double y = token.logp - anchored[token.index], residual = y - c * token.advantage;
        away += Math.abs(y);
        residuals += Math.abs(residual);
        token.answer(-residual * residual, -2 * residual, false);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("anchor-log-ratio", new Metric.Mean(away, batch.tokens()));
        metrics.put("residual", new Metric.Mean(residuals, batch.tokens()));
      }
    };
  }
}
