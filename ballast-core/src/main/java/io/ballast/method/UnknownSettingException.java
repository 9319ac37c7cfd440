package io.ballast.method;

/** The method has no such setting; the message gives the nearest one and all that it has. */
public final class UnknownSettingException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  UnknownSettingException(String message) {
    super(message);
  }
}
