package io.ballast.control;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.TokenBatch;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Whether the policy is improving: this step's mean reward against the window of the steps before.
 *
 * <pre>
 *   ξ = (μ_t − mean of the window) / std of the window      std 1 where it is below 1e-8; undefined until the window holds min-steps
 *   φ(ξ) = ξ for ξ ≥ 0, λ ξ below
 * </pre>
 *
 * @param window mean rewards of the steps before, oldest first, at most {@code size}
 * @param size K
 * @param minimum min-steps: how many steps the window must hold before ξ is defined
 * @param lambda how much a deterioration counts
 * @param deviation whether the standard deviation divides by n (official code) or n − 1 (the secondary report), n steps in the window
 * @see <a href="https://arxiv.org/abs/2604.00860">Policy Improvement Reinforcement Learning</a>, equations 7 to 11
 */
public record Improvement(double[] window, int size, int minimum, double lambda, Deviation deviation, boolean clipped) implements Controller<Improvement> {

  public enum Deviation { POPULATION, SAMPLE }

  private static final double MAX_DIFFERENCE = 5;

  public Improvement {
    Check.atLeast("k", size, 2);
    if (minimum < 2 || minimum > size) throw new IllegalArgumentException("min-steps must be in [2, k = %d], got %d".formatted(size, minimum));
    Check.within("lambda", lambda, 0, Double.MAX_VALUE);
  }

  /** ξ of a step with this mean reward; empty until the window holds enough. */
  public OptionalDouble xi(double meanReward) {
    int n = window.length;
    if (n < minimum) return OptionalDouble.empty();
    double mean = 0, square = 0;
    for (double w : window) mean += w / n;
    for (double w : window) square += (w - mean) * (w - mean);
    double std = Math.sqrt(square / (deviation == Deviation.POPULATION ? n : n - 1));
    double difference = meanReward - mean;
    if (clipped) difference = Math.clamp(difference, -MAX_DIFFERENCE, MAX_DIFFERENCE);
    return OptionalDouble.of(difference / (std < 1e-8 ? 1 : std));
  }

  public double phi(double xi) {
    return xi >= 0 ? xi : lambda * xi;
  }

  /** Mean reward of the sequences of a step (column {@code reward}). */
  public static double meanReward(TokenBatch whole) {
    return Means.ofSequences(whole, whole.column(Column.REWARD));
  }

  /** The window with this step's mean reward appended. */
  public Improvement after(double meanReward) {
    double[] longer = Arrays.copyOf(window, window.length + 1);
    longer[window.length] = meanReward;
    return new Improvement(longer.length > size ? Arrays.copyOfRange(longer, 1, longer.length) : longer, size, minimum, lambda, deviation, clipped);
  }

  @Override public Improvement next(TokenBatch whole, Evaluation result) {
    return after(meanReward(whole));
  }

  @Override public Map<String, double[]> memory() {
    return Memory.of("mean-rewards", window);
  }

  @Override public Improvement remembering(Map<String, double[]> memory) {
    Memory.expect(memory, "mean-rewards");
    return new Improvement(memory.get("mean-rewards").clone(), size, minimum, lambda, deviation, clipped);
  }

  @Override public Map<String, Metric> metrics() {
    return Map.of("improvement-window", new Metric.Same(window.length));
  }

  @Override public boolean equals(Object other) {
    return other instanceof Improvement that && Arrays.equals(window, that.window) && size == that.size && minimum == that.minimum && lambda == that.lambda
        && deviation == that.deviation && clipped == that.clipped;
  }

  @Override public int hashCode() {
    return Arrays.hashCode(window);
  }
}
