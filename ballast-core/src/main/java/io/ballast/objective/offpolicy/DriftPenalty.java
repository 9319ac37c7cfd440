package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Segments;
import io.ballast.objective.Term;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Token;
import java.util.Map;

/**
 * A quadratic penalty on the log-ratio to the proximal policy, of a token or of a whole sequence.
 *
 * <pre>
 *   d_t = logp_t − oldLogp_t
 *   token     J −= c/2 · d_t²                    dJ/dlogp_t = −c d_t
 *   sequence  Σ_t J −= c/2 · (Σ_u d_u)²          dJ/dlogp_t = −c Σ_u d_u
 * </pre>
 *
 * @param coefficient c
 * @param sequence whether the log-ratio is that of the whole sequence
 * @see <a href="https://arxiv.org/abs/2501.12599">Kimi k1.5</a>, mirror descent; PPO-EWMA's form without clip is the token one
 */
public record DriftPenalty(double coefficient, boolean sequence) implements Term {
  public DriftPenalty {
    Check.within("drift coefficient", coefficient, 0, Double.MAX_VALUE);
  }

  @Override public boolean readsRatio() {
    return false;
  }

  @Override public Kernel on(TokenBatch batch) {
    double[] drift = sequence ? sums(batch) : null;
    return new Kernel() {
      private double total;

      @Override public void apply(Token token) {
        double d = drift == null ? token.logRatio : drift[token.index];
        double value = coefficient / 2 * d * d / (drift == null ? 1 : batch.length(token.sequence));
        total += value;
        token.answer(-value, -coefficient * d, false);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("drift-penalty", new Metric.Mean(total, batch.tokens()));
      }
    };
  }

  private static double[] sums(TokenBatch batch) {
    double[] out = new double[batch.tokens()];
    Segments.each(batch, null, (from, to) -> {
      double sum = 0;
      for (int t = from; t < to; t++) sum += batch.logRatio(t);
      for (int t = from; t < to; t++) out[t] = sum;
    });
    return out;
  }
}
