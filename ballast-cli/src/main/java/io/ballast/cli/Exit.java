package io.ballast.cli;

/** Exit statuses of the command. */
final class Exit {
  private Exit() {}

  static final int DONE = 0, REQUEST_WRONG = 2, RUN_FAILED = 3, INTERRUPTED = 130;
}
