package io.ballast.objective.soft;

import io.ballast.objective.Part;
import io.ballast.objective.TokenBatch;

/** A rule that replaces the advantages of a step by others, constant like those, before an objective sees them. */
public interface AdvantageEdit extends Part<AdvantageEdit> {

  /** The new advantages, [T]. */
  double[] edited(TokenBatch batch);
}
