package io.ballast.ledger;

/** The folder asked for cannot be used that way: it holds results, it is not a run, another process works in it. */
public final class RunRefusedException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  RunRefusedException(String message) {
    super(message);
  }
}
