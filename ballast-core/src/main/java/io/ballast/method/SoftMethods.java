package io.ballast.method;

import io.ballast.advantage.AdvantageEstimator;
import io.ballast.advantage.Whitened;
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

  /** {@link Shared#advantage} with whitening over the tokens of the batch as a further choice. */
  static Setting advantage(String value, String source) {
    Setting shared = Shared.advantage("group-z-score", source);
    return Setting.choice("advantage", value, Stream.concat(Stream.of("whitened"), shared.choices().stream()).toList(), shared.meaning(), source);
  }

  /** The estimator that such a setting names. */
  static AdvantageEstimator advantages(Settings settings) {
    return settings.choice("advantage").equals("whitened") ? new Whitened(Whitened.Over.TOKENS, false) : Advantages.of(settings);
  }

  /** A policy objective with another objective beside it. */
  static Assembly beside(Settings settings, PolicyObjective policy, Objective whole, AdvantageEstimator advantages, String... columns) {
    Assembly plain = Shared.assembly(settings, policy, advantages, true, columns);
    return new Assembly(whole, advantages, true, plain.columns());
  }
}
