package io.ballast.objective.clipping;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * VESPO: a smooth, detached weight of the whole sequence's ratio, by the sign of the advantage.
 *
 * <pre>
 *   W = Π_t ρ_t                       true product over the sequence, ln W held in [ln 1e-8, 20]
 *   φ(W) = W^k exp(λ (1 − W))         (k⁺, λ⁺) where A ≥ 0, (k⁻, λ⁻) where A &lt; 0;  φ(1) = 1
 *   J = sg[φ(W)] A logp,   dJ/dlogp = φ(W) A
 * </pre>
 *
 * @see <a href="https://arxiv.org/abs/2602.10693">VESPO</a>
 */
public record SoftSequenceWeight(double kPos, double lambdaPos, double kNeg, double lambdaNeg) implements Term {

  private static final double LEAST_LOG = Math.log(1e-8);
  /** The official code's floor of λ. */
  private static final double LEAST_LAMBDA = 1e-4;

  public SoftSequenceWeight {
    Check.within("k-pos", kPos, 0, Double.MAX_VALUE);
    Check.within("lambda-pos", lambdaPos, 0, Double.MAX_VALUE);
    Check.within("k-neg", kNeg, 0, Double.MAX_VALUE);
    Check.within("lambda-neg", lambdaNeg, 0, Double.MAX_VALUE);
  }

  @Override public boolean throughRatio() {
    return false;
  }

  /** φ at ln W. */
  public double weight(double logRatio, boolean negative) {
    double k = negative ? kNeg : kPos, lambda = Math.max(negative ? lambdaNeg : lambdaPos, LEAST_LAMBDA);
    double log = Math.max(logRatio, LEAST_LOG);
    return Math.exp(lambda + k * log - lambda * Math.exp(log));
  }

  @Override public boolean readsRatio() {
    return false;
  }

  @Override public Kernel on(TokenBatch batch) {
    return new Kernel() {
      private double lastLog = Double.NaN, lastWeight, total;
      private boolean lastNegative;

      @Override public void apply(Token token) {
        boolean negative = token.advantage < 0;
        if (token.logRatio != lastLog || negative != lastNegative) { // the same for all tokens of a sequence
          lastLog = token.logRatio;
          lastNegative = negative;
          lastWeight = weight(lastLog, negative);
        }
        double slope = lastWeight * token.advantage;
        token.answer(slope * token.logp, slope, false);
        total += lastWeight;
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("sequence-weight-mean", new Metric.Mean(total, batch.tokens()));
      }
    };
  }
}
