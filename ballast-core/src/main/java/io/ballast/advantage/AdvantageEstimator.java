package io.ballast.advantage;

import java.util.Map;

/** Rewards into advantages; pure. What an estimator remembers from step to step goes in and out as in an objective. */
public interface AdvantageEstimator {

  /** One advantage per trained token, [T]; the same number throughout a sample for estimators of whole answers. */
  double[] estimate(Rewards rewards);

  /**
   * Whether an answer is measured against the others to its prompt: an answer alone in its group has advantage 0 then, so a run with one
   * answer a prompt would learn nothing.
   */
  default boolean comparesAnswers() {
    return false;
  }

  /** What this estimator remembers from step to step, by name; always the same names. */
  default Map<String, double[]> memory() {
    return Map.of();
  }

  /** This estimator with the given memory, as a checkpoint restores it. */
  default AdvantageEstimator remembering(Map<String, double[]> memory) {
    if (!memory.isEmpty()) {
      throw new IllegalArgumentException("this estimator has no memory, yet the checkpoint holds %s".formatted(memory.keySet()));
    }
    return this;
  }

  /** The estimator of the next step, once this step's rewards have been used. */
  default AdvantageEstimator next(Rewards rewards) {
    return this;
  }
}
