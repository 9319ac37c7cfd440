package io.ballast.sample;

/** How strictly a sample's numbers are tied to itself. */
public enum Numerics {
  /** The fastest kernels: a sample's random numbers depend on nothing else, its log-probabilities do so within rounding. */
  FAST,
  /** The bits of a sample do not depend on what else is in the batch, on when it was interrupted or on how its prompt was cut. */
  EXACT
}
