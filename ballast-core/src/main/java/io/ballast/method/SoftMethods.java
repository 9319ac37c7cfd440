package io.ballast.method;

import io.ballast.advantage.AdvantageEstimator;
import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import java.util.List;
import java.util.stream.Stream;

/** Methods whose trust region is soft: gates, penalties, divergences, regressions and what is controlled from step to step. */
final class SoftMethods {
  private SoftMethods() {}

  static final List<Method> ALL =
      Stream.of(GateMethods.ALL, BoundedMethods.ALL, RegressionMethods.ALL, ControlledMethods.ALL).flatMap(List::stream).toList();

  /** Where a default of ours is marked as such. */
  static final String OURS = "ours; the source gives none";

  /** A policy objective with another objective beside it. */
  static Assembly beside(Settings settings, PolicyObjective policy, Objective whole, AdvantageEstimator advantages, String... columns) {
    Assembly plain = Shared.assembly(settings, policy, advantages, true, columns);
    return new Assembly(whole, advantages, true, plain.columns());
  }
}
