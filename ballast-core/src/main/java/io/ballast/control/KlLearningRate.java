package io.ballast.control;

import io.ballast.objective.Check;

/**
 * A learning rate that falls where the policy moved too far and rises where it hardly moved.
 *
 * <pre>   KL &gt; 2 desired: lr/1.5, at least {@code floor};   KL &lt; desired/2: 1.5 lr, at most {@code ceiling}</pre>
 *
 * @see <a href="https://arxiv.org/abs/2401.16025">Simple Policy Optimization</a>: an option of its official code, off by default
 */
public record KlLearningRate(double rate, double desired, double floor, double ceiling) {
  private static final double FACTOR = 1.5;

  public KlLearningRate {
    Check.above("desired KL", desired, 0);
    Check.above("floor", floor, 0);
    Check.within("ceiling", ceiling, floor, Double.MAX_VALUE);
    Check.above("learning rate", rate, 0);
  }

  /** The official code's bounds, 1e-5 and 1e-2, and its desired divergence of 0.01. */
  public static KlLearningRate published(double rate) {
    return new KlLearningRate(rate, 0.01, 1e-5, 1e-2);
  }

  /** The rate after an update that moved the policy by this divergence. */
  public KlLearningRate after(double kl) {
    double moved = kl > 2 * desired ? Math.max(rate / FACTOR, floor) : kl < desired / 2 ? Math.min(rate * FACTOR, ceiling) : rate;
    return new KlLearningRate(moved, desired, floor, ceiling);
  }
}
