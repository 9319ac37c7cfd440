package io.ballast.text.jinja;

/** A template that cannot be read or rendered. The message names the construct, and the line once it is known. */
public final class JinjaException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final int line;

  JinjaException(String message) {
    this(0, message);
  }

  JinjaException(int line, String message) {
    super(line > 0 ? "chat template, line %d: %s".formatted(line, message) : message);
    this.line = line;
  }

  /** Line of the template, from 1; 0 where none applies. */
  public int line() {
    return line;
  }

  JinjaException at(int known) {
    if (line > 0) return this;
    var located = new JinjaException(known, getMessage());
    located.setStackTrace(getStackTrace());
    return located;
  }
}
