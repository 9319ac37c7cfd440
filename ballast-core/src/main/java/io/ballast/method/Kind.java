package io.ballast.method;

import java.util.Locale;

/** What a method is known for. */
public enum Kind {
  /** A new objective: ratio, trust region, penalty or aggregation. */
  OBJECTIVE,
  /** A new advantage estimator in front of a known objective. */
  ADVANTAGE,
  /** A choice of tokens or sequences. */
  SELECTION,
  /** A detached weight against off-policy data. */
  CORRECTION,
  /** A quantity adapted from step to step. */
  CONTROLLER;

  /** The name printed by {@code methods}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
