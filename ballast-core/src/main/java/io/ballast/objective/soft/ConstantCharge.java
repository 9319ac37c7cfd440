package io.ballast.objective.soft;

import io.ballast.objective.Kernel;
import io.ballast.objective.Term;
import io.ballast.objective.TokenBatch;

/** A number that every token is charged, without gradient: J −= amount. For parity with code whose penalty trains nothing. */
public record ConstantCharge(double amount) implements Term {

  @Override public boolean readsRatio() {
    return false;
  }

  @Override public Kernel on(TokenBatch batch) {
    return token -> token.answer(-amount, 0, false);
  }
}
