package io.ballast.objective;

import java.util.function.Function;

/**
 * What preparing on a whole step has computed already, so that it is not computed again where that step is evaluated in one piece.
 *
 * @param batch what it was computed on
 */
public record Known<T>(TokenBatch batch, T value) {

  /** The value for a batch: the known one, or computed where the batch is another. */
  public T on(TokenBatch other, Function<TokenBatch, T> compute) {
    return other == batch ? value : compute.apply(other);
  }
}
