package io.ballast.objective.soft;

import io.ballast.objective.Metric;
import io.ballast.objective.Part;
import io.ballast.objective.TokenBatch;
import java.util.Map;
import java.util.Optional;

/** A rule that replaces the advantages of a step by others, constant like those, before an objective sees them. */
public interface AdvantageEdit extends Part<AdvantageEdit> {

  /** The new advantages, [T]. */
  double[] edited(TokenBatch batch);

  /** Whether it ever wants another pass over the batch of the step before. */
  default boolean looksBack() {
    return false;
  }

  /** The edit for another pass over the batch of the step before; empty where none is due. */
  default Optional<AdvantageEdit> lookBack(TokenBatch current) {
    return Optional.empty();
  }

  /** Adds this edit's metrics for the batch. */
  default void report(TokenBatch batch, Map<String, Metric> metrics) {}
}
