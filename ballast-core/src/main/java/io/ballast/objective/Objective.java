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
}
