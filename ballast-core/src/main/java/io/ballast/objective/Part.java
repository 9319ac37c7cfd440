package io.ballast.objective;

import java.util.Map;

/**
 * What the parts of a {@link PolicyObjective} have in common: some are solved over the whole step, some remember.
 *
 * @param <P> the kind of part: what these methods return
 */
public interface Part<P extends Part<P>> {

  /**
   * This part with everything solved that must be solved over the whole optimizer step; evaluated on any part of that step it then
   * gives what it would give on the whole. A part that is not {@link #isSolved} is always prepared before it is used.
   *
   * @param level the ratio level of the objective, for parts that read its ratios
   */
  default P prepared(TokenBatch whole, RatioLevel level) {
    return self();
  }

  /** Whether nothing is left to solve; an objective prepares itself on the batch at hand where a part is not. */
  default boolean isSolved() {
    return true;
  }

  /** What it remembers from step to step, by name. The names are always the same; the names of two parts differ. */
  default Map<String, double[]> memory() {
    return Map.of();
  }

  /** This part with the given memory, which has exactly the names of {@link #memory()}. */
  default P remembering(Map<String, double[]> memory) {
    return self();
  }

  /** The part of the next step, once the evaluation of the whole step is known. */
  default P next(TokenBatch whole, Evaluation result) {
    return self();
  }

  @SuppressWarnings("unchecked")
  private P self() {
    return (P) this;
  }
}
