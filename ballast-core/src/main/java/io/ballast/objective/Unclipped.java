package io.ballast.objective;

/** The importance-weighted surrogate without any trust region: J = x A, ∂J/∂ln x = x A. */
public record Unclipped() implements Term {

  @Override public Kernel on(TokenBatch batch) {
    return token -> {
      double value = token.ratio * token.advantage;
      token.answer(value, value, false);
    };
  }
}
