package io.ballast.method;

import java.util.Locale;

/** How sure we are that a method is what its paper describes. */
public enum Confidence {
  /** Paper or official code was read, and formula and settings agree. */
  HIGH,
  /** The formula is known, some choices are second-hand or ours. */
  MEDIUM,
  /** Part of the method is guesswork; the page says which reading was chosen. */
  LOW;

  /** A method of low confidence is marked experimental. */
  public boolean experimental() {
    return this == LOW;
  }

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
