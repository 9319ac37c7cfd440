package io.ballast.objective.clipping;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.Known;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.Term;
import io.ballast.objective.TokenBatch;
import org.jspecify.annotations.Nullable;

/**
 * BAPO: a clipped surrogate whose bounds are chosen anew for every step, so that positive tokens make up a target share.
 *
 * <pre>
 *   J = min(x A, clip(x, low, high) A)                      for A &lt; 0 then J ← max(J, cap · A)
 *   P, Q: positive and negative contribution, {@link Balance}
 *   SHARE: balance = P / (P + Q)        RATIO: balance = P / (Q + 1e-8), infinite where Q = 0
 *
 *   low, high ← their starts;  while balance &lt; target:
 *     HIGH_FIRST: high += step while it can, in whole steps, then low     the paper's Algorithm 1
 *     LOW_FIRST:  low += step while it can, then high, the last step cut at the maximum     the official code
 * </pre>
 *
 * The bounds carry no gradient; the cap is no part of the balance. No negative tokens: the bounds stay. No positive ones: both run to their
 * maxima.
 *
 * @param low candidates of the lower ratio bound
 * @param high candidates of the upper ratio bound
 * @param target share or ratio to reach
 * @param gradient whether only tokens that still carry gradient count
 * @param byBehaviour whether a token counts with its probability under the sampler
 * @param local whether every micro-batch is balanced by itself
 * @param cap dual clip; infinite: none
 * @see <a href="https://arxiv.org/abs/2510.18927">BAPO</a>, equation 8 and Algorithm 1
 */
public record BalancedClip(BoundGrid low, BoundGrid high, Measure measure, Order order, double target, boolean gradient,
    boolean byBehaviour, boolean local, double cap) implements Term {

  /** What is compared with the target. */
  public enum Measure { SHARE, RATIO }

  /** Which bound moves first. */
  public enum Order { HIGH_FIRST, LOW_FIRST }

  /** Start, maximum and step of a bound on the ratio. */
  public record Range(double start, double max, double step) {}

  public BalancedClip {
    Check.within("target", target, 0, measure == Measure.SHARE ? 1 : Double.MAX_VALUE);
    Check.above("dual-clip", cap, 1);
  }

  /** Checks the ranges: {@code 0 ≤ low ≤ 1 ≤ high}. */
  public static BalancedClip of(Range low, Range high, Measure measure, Order order, double target, boolean gradient,
      boolean byBehaviour, boolean local, double cap) {
    Check.within("low-start", low.start, 0, 1);
    Check.within("low-max", low.max, 0, 1);
    Check.within("high-start", high.start, 1, Double.MAX_VALUE);
    Check.within("high-max", high.max, 1, Double.MAX_VALUE);
    boolean cutLast = order == Order.LOW_FIRST;
    return new BalancedClip(BoundGrid.of("low", low.start, low.max, low.step, cutLast),
        BoundGrid.of("high", high.start, high.max, high.step, cutLast), measure, order, target, gradient, byBehaviour, local, cap);
  }

  @Override public boolean isSolved() {
    return false;
  }

  @Override public boolean clips() {
    return true;
  }

  @Override public Term prepared(TokenBatch whole, RatioLevel level) {
    double[] ratios = new double[whole.tokens()];
    level.logRatios(whole, ratios);
    for (int t = 0; t < ratios.length; t++) ratios[t] = Math.exp(ratios[t]);
    Balance balance = Balance.of(whole, ratios, weights(whole), low, high, gradient);
    int[] at = search(balance);
    return new BalancedBounds(low.values()[at[0]], high.values()[at[1]], cap, low.start(), high.start(),
        share(balance, 0, 0), share(balance, at[0], at[1]), new Known<>(whole, ratios));
  }

  private double @Nullable [] weights(TokenBatch whole) {
    if (!byBehaviour) return null;
    double[] weights = new double[whole.tokens()], behaviour = whole.behaviourLogp();
    for (int t = 0; t < weights.length; t++) weights[t] = Math.exp(behaviour[t]);
    return weights;
  }

  /** Indices of the lower and the upper bound chosen. */
  private int[] search(Balance balance) {
    int[] at = {0, 0};
    int[] last = {low.size() - 1, high.size() - 1};
    int first = order == Order.LOW_FIRST ? 0 : 1;
    for (int bound : new int[] {first, 1 - first}) {
      while (at[bound] < last[bound] && missed(balance, at[0], at[1])) at[bound]++;
    }
    return at;
  }

  private boolean missed(Balance balance, int j, int k) {
    double positive = balance.positive(k), negative = balance.negative(j);
    if (negative <= 0) return false;
    return (measure == Measure.SHARE ? positive / (positive + negative) : positive / (negative + 1e-8)) < target;
  }

  private static double share(Balance balance, int j, int k) {
    double positive = balance.positive(k), total = positive + balance.negative(j);
    return total == 0 ? 0 : positive / total;
  }

  @Override public Kernel on(TokenBatch batch) {
    throw new IllegalStateException("not prepared on the step");
  }
}
