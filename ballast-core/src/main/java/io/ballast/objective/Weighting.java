package io.ballast.objective;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A detached factor on the policy term of each token: 0 drops it (a selection), a truncated importance weight corrects it.
 * Denominators and penalties stay as they are.
 */
@FunctionalInterface
public interface Weighting extends Part<Weighting> {

  /** Multiplies each token's factor in place and adds this weighting's metrics for the batch: what is dropped is counted as it is dropped. */
  void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics);

  /** {@link #apply} without the metrics. */
  default void multiply(TokenBatch batch, double[] factor) {
    apply(batch, factor, new HashMap<>());
  }

  /** The factor of each token, [T]. */
  default double[] factors(TokenBatch batch, Map<String, Metric> metrics) {
    double[] factor = new double[batch.tokens()];
    Arrays.fill(factor, 1);
    apply(batch, factor, metrics);
    return factor;
  }
}
