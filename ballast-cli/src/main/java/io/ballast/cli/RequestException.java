package io.ballast.cli;

/** What was asked for cannot be: the message names it, says what is allowed and what to do. */
final class RequestException extends RuntimeException {
  private static final long serialVersionUID = 1;

  RequestException(String message) {
    super(message);
  }
}
