package io.ballast.method;

/** There is no method of that id; the message gives the nearest one and all that exist. */
public final class UnknownMethodException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  UnknownMethodException(String message) {
    super(message);
  }
}
