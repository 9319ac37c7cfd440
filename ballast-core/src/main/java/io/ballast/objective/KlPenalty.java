package io.ballast.objective;

import java.util.Map;

/**
 * A penalty on the divergence from the reference policy, J −= β · k, with y = logp − refLogp.
 *
 * <pre>
 *   estimator     value k             dk/dlogp
 *   K1            y                   1            unbiased value; as a loss it is only noise
 *   K2            y²/2                y            gradient of KL(π‖π_ref)
 *   K3            e^−y − 1 + y        1 − e^−y     low variance; gradient of KL(π_ref‖π)
 *   ABS           |y|                 sign y
 *   UNBIASED_K3   ρ (e^−y − 1 + y)    ρ y          ρ = exp(logp − oldLogp) not detached: exact off policy
 *   K1_PLUS       y                   y            value of k1, gradient of k2
 *   K3_PLUS       e^−y − 1 + y        y            value of k3, gradient of k2
 * </pre>
 *
 * @param coefficient β
 * @see <a href="http://joschu.net/blog/kl-approx.html">Schulman 2020</a>
 */
public record KlPenalty(double coefficient, Estimator estimator) implements Term {

  /** How KL is estimated from the sampled token; named k1, k2, k3, abs, unbiased-k3, k1+, k3+ in settings. */
  public enum Estimator { K1, K2, K3, ABS, UNBIASED_K3, K1_PLUS, K3_PLUS }

  public KlPenalty {
    Check.within("kl-coefficient", coefficient, 0, Double.MAX_VALUE);
  }

  @Override public boolean readsRatio() {
    return estimator == Estimator.UNBIASED_K3;
  }

  @Override public Kernel on(TokenBatch batch) {
    double[] reference = batch.column(Column.REF_LOGP);
    return new Kernel() {
      private double total;

      @Override public void apply(Token token) {
        double y = token.logp - reference[token.index];
        double inverse = Math.exp(-y), k3 = inverse - 1 + y; // expm1 would cost three times as much and change nothing a sum can show
        double value = switch (estimator) {
          case K1, K1_PLUS -> y;
          case K2 -> y * y / 2;
          case K3, K3_PLUS -> k3;
          case ABS -> Math.abs(y);
          case UNBIASED_K3 -> token.ratio * k3;
        };
        double slope = switch (estimator) {
          case K1 -> 1;
          case K2, K1_PLUS, K3_PLUS -> y;
          case K3 -> 1 - inverse;
          case ABS -> Math.signum(y);
          case UNBIASED_K3 -> token.ratio * y;
        };
        total += value;
        token.answer(-coefficient * value, -coefficient * slope, false);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("kl-reference", new Metric.Mean(total, batch.tokens()));
      }
    };
  }
}
