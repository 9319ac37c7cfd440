package io.ballast.objective;

import java.util.Map;

/**
 * A detached factor on the policy term of each token: 0 drops it (a selection), a truncated importance weight corrects it.
 * Denominators and penalties stay as they are.
 */
public interface Weighting extends Part<Weighting> {

  /** Multiplies each token's factor in place. */
  void multiply(TokenBatch batch, double[] factor);

  /** Adds this weighting's metrics for the batch. */
  default void report(TokenBatch batch, Map<String, Metric> metrics) {}

  /** {@link #multiply} and {@link #report} together, for weightings that count what they drop as they drop it. */
  default void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    multiply(batch, factor);
    report(batch, metrics);
  }
}
