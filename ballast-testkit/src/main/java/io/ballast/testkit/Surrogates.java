package io.ballast.testkit;

import io.ballast.objective.Aggregation;
import io.ballast.objective.TokenBatch;

/** Independently written objectives for the law of differences, where parts of the published one are detached. */
public final class Surrogates {
  private Surrogates() {}

  /** J of one token: what is detached from {@code base}, the rest from {@code moved}. */
  @FunctionalInterface
  public interface TokenTerm {
    double value(TokenBatch base, TokenBatch moved, int token);
  }

  /** −Σ_t w_t J_t. */
  public static double loss(Aggregation aggregation, TokenBatch base, TokenBatch moved, TokenTerm term) {
    double[] weights = aggregation.prepared(base).weights(moved);
    double loss = 0;
    for (int s = 0; s < moved.sequences(); s++) {
      for (int t = moved.offsets()[s]; t < moved.offsets()[s + 1]; t++) loss -= weights[s] * term.value(base, moved, t);
    }
    return loss;
  }
}
