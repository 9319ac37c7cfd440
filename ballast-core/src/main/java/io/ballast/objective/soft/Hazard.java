package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * MHPO: a saturating log-ratio, damped by two Weibull hazards, one for either direction.
 *
 * <pre>
 *   ψ = c tanh(ln x / c)
 *   ζ = (s(ψ)/lambda-pos)^k-pos + (s(−ψ)/lambda-neg)^k-neg       s(z) = ln(1 + e^z);   ζ is detached
 *   J = exp(ψ − ζ) A / n
 *   ∂J/∂ln x = exp(ψ − ζ) sech²(ln x / c) A / n                  bounded by e^c |A|
 * </pre>
 * n = 1, or exp(−ζ) at x = 1 if normalised (ours): as published the multiplier at x = 1 is 0.2651 with the default settings, not 1.
 *
 * <p>Metric {@code hazard-mean}: mean of ζ over tokens.
 *
 * @see <a href="https://arxiv.org/abs/2603.16929">MHPO</a>, section 4.1
 */
public record Hazard(double c, double kPos, double lambdaPos, double kNeg, double lambdaNeg, boolean normalizeAtOne) implements Term {
  public Hazard {
    Check.above("c", c, 0);
    Check.above("k-pos", kPos, 0);
    Check.above("lambda-pos", lambdaPos, 0);
    Check.above("k-neg", kNeg, 0);
    Check.above("lambda-neg", lambdaNeg, 0);
  }

  /** ζ at a saturated log-ratio ψ, given 1/lambda-pos and 1/lambda-neg: a product costs a fraction of a quotient. */
  private double hazard(double psi, double ratePos, double rateNeg) {
    double up = softplus(psi);
    return power(up * ratePos, kPos) + power((up - psi) * rateNeg, kNeg);
  }

  /** ln(1 + e^ψ) = ln 2 + ψ/2 + ln cosh(ψ/2); near 0, where nearly all ratios lie, by eight terms of the series, exact to 1e-15 for |ψ| ≤ ½. */
  private static double softplus(double psi) {
    if (Math.abs(psi) > 0.5) return Math.log(1 + Math.exp(psi)); // |ψ| ≤ 20: neither overflows nor vanishes
    double v = 0.25 * psi * psi, w = v * v;
    double low = 1 / 2.0 - v * (1 / 12.0) + w * (1 / 45.0 - v * (17 / 2520.0));
    double high = 31 / 14175.0 - v * (691 / 935550.0) + w * (10922 / 42567525.0 - v * (929569 / 10216206000.0));
    return LN_2 + 0.5 * psi + v * (low + w * w * high);
  }

  private static final double LN_2 = Math.log(2);

  /** base^k; the published exponents 1.5 and 2 need no logarithm. */
  private static double power(double base, double k) {
    return k == 2 ? base * base : k == 1.5 ? base * Math.sqrt(base) : Math.pow(base, k);
  }

  /** tanh u; near 0, where nearly all ratios lie, by its continued fraction to seven terms, exact to 1e-16 for |u| ≤ ½. */
  private static double tanh(double u) {
    if (Math.abs(u) > 0.5) return Math.tanh(u);
    double v = u * u;
    return u * (135135 + v * (17325 + v * (378 + v))) / (135135 + v * (62370 + v * (3150 + 28 * v)));
  }

  @Override public boolean readsRatio() {
    return false;
  }

  @Override public Kernel on(TokenBatch batch) {
    double inverse = 1 / c, ratePos = 1 / lambdaPos, rateNeg = 1 / lambdaNeg, shift = normalizeAtOne ? hazard(0, ratePos, rateNeg) : 0;
    return new Kernel() {
      private double total;

      @Override public void apply(Token token) {
        double th = tanh(token.logRatio * inverse), psi = c * th, zeta = hazard(psi, ratePos, rateNeg);
        double value = Math.exp(psi - zeta + shift) * token.advantage;
        total += zeta;
        token.answer(value, value * (1 - th) * (1 + th), false);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("hazard-mean", new Metric.Mean(total, batch.tokens()));
      }
    };
  }
}
