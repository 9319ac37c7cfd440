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
 * RAPO's pull towards a reference that is the flatter, the worse the answer: J −= α KL(π̂_ref ‖ π_θ), estimated on samples of π_θ.
 *
 * <pre>
 *   π̂_ref ∝ π_ref^φ(R)          φ(R) = clip((R − r-min)/(r-max − r-min), phi-min, 1)
 *   z = π̂_ref/π_θ, ln z within ±10;    k = z ln z − z + 1 ≥ 0
 *   dJ/dlogp = α z ln z          0 where ln z is held; π̂_ref is constant
 * </pre>
 * ln π̂_ref is {@code phi · refLogp} (POWER: the normaliser is absorbed), or the column {@code tiltedRefLogp} (TILTED: log-softmax of
 * φ · reference logits at the token, the reference at temperature 1/φ).
 *
 * <p>Metric {@code kl-forward}: mean of k over tokens.
 *
 * @param alpha α
 * @see <a href="https://arxiv.org/abs/2510.03865">RAPO</a>; φ, α and the token-level reading are ours
 */
public record ForwardKl(double alpha, double phiMin, double rewardMin, double rewardMax, Reference reference) implements Term {

  /** Where ln π̂_ref comes from. */
  public enum Reference { POWER, TILTED }

  private static final double MAX_LOG_Z = 10;

  public ForwardKl {
    Check.within("alpha", alpha, 0, Double.MAX_VALUE);
    Check.within("phi-min", phiMin, 0, 1);
    Check.above("r-max", rewardMax, rewardMin);
  }

  /** φ(R): the power that the reference is raised to. */
  public double phi(double reward) {
    return Math.clamp((reward - rewardMin) / (rewardMax - rewardMin), phiMin, 1);
  }

  @Override public boolean readsRatio() {
    return false;
  }

  @Override public Kernel on(TokenBatch batch) {
    boolean power = reference == Reference.POWER;
    double[] log = batch.column(power ? Column.REF_LOGP : Column.TILTED_REF_LOGP);
    double[] reward = power ? batch.column(Column.REWARD) : log;
    return new Kernel() {
      private double total, last = Double.NaN, phi = 1;

      @Override public void apply(Token token) {
        int t = token.index;
        if (power && reward[t] != last) { // the same for all tokens of a sequence
          last = reward[t];
          phi = phi(last);
        }
        double y = phi * log[t] - token.logp, lnZ = y > MAX_LOG_Z ? MAX_LOG_Z : y < -MAX_LOG_Z ? -MAX_LOG_Z : y, z = Math.exp(lnZ);
        double k = z * lnZ - z + 1;
        total += k;
        token.answer(-alpha * k, y == lnZ ? alpha * z * lnZ : 0, false);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("kl-forward", new Metric.Mean(total, batch.tokens()));
      }
    };
  }
}
