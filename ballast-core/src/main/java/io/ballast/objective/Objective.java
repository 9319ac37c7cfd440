package io.ballast.objective;

import java.util.Map;

/**
 * A policy-optimisation objective: a pure function from a batch of trained tokens to loss and gradient.
 *
 * <p>Laws, tested by the kit: the gradient is that of the loss; evaluating the parts of a split step with the objective
 * {@link #prepared} on the whole adds up to evaluating the whole; order of sequences does not matter; inputs stay untouched and two
 * calls agree bit for bit.
 */
public interface Objective {

  Evaluation evaluate(TokenBatch batch);

  /**
   * Solves what must be solved over the whole optimizer step (adaptive bounds, quantiles, means) and returns the objective
   * with the solution fixed, ready to evaluate any part of that step.
   */
  default Objective prepared(TokenBatch whole) {
    return this;
  }

  /** What this objective remembers from step to step (a dual variable, a moving average), by name; empty for most. */
  default Map<String, double[]> memory() {
    return Map.of();
  }

  /** This objective with the given memory, as a checkpoint restores it. */
  default Objective remembering(Map<String, double[]> memory) {
    if (!memory.isEmpty()) {
      throw new IllegalArgumentException("this objective has no memory, yet the checkpoint holds %s".formatted(memory.keySet()));
    }
    return this;
  }

  /** The objective of the next step, once the evaluation of the whole step is known. */
  default Objective next(TokenBatch whole, Evaluation result) {
    return this;
  }

  /**
   * Whether the result depends, by the source's own definition, on how the step is split into micro-batches. A trainer then
   * evaluates each micro-batch by itself instead of preparing on the whole step; the law of splitting does not hold.
   */
  default boolean local() {
    return false;
  }

  /**
   * This objective with a detached weight on the policy term of each token. An objective that does not know better multiplies the
   * advantages, which is the same wherever the policy term is proportional to them.
   */
  default Objective corrected(Weighting correction) {
    return new Corrected(this, correction);
  }

  /** The sum of two objectives: losses, gradients and metrics; their memories must have different names. */
  default Objective plus(Objective other) {
    return new Combined(this, other);
  }

  /** This objective with loss and gradients multiplied by a constant. */
  default Objective times(double scale) {
    return new Scaled(this, scale);
  }
}
