package io.ballast.method;

import io.ballast.advantage.AdvantageEstimator;
import io.ballast.objective.Objective;
import java.util.List;

/**
 * A method with its settings chosen, ready to run.
 *
 * @param usesRatio whether the objective has an importance ratio of its own against {@code oldLogp}; where it has none, stale
 *     data needs a correction from outside
 * @param columns the optional token columns these settings read, in camelCase: see {@link io.ballast.objective.Column}
 * @param supply what a trainer has to know to supply them
 */
public record Assembly(Objective objective, AdvantageEstimator advantages, boolean usesRatio, List<String> columns, Supply supply) {
  public Assembly {
    columns = List.copyOf(columns);
  }

  /** A method that asks for nothing beyond its columns. */
  public Assembly(Objective objective, AdvantageEstimator advantages, boolean usesRatio, List<String> columns) {
    this(objective, advantages, usesRatio, columns, Supply.PLAIN);
  }

  public Assembly with(Supply value) {
    return new Assembly(objective, advantages, usesRatio, columns, value);
  }
}
