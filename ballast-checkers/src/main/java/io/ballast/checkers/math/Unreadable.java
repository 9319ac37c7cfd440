package io.ballast.checkers.math;

/** Why a text is no mathematics we read, in words. */
final class Unreadable extends Exception {
  private static final long serialVersionUID = 1;

  Unreadable(String message) {
    super(message, null, false, false);
  }
}
