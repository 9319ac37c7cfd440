package io.ballast.objective;

/** Argument checks whose messages name the value, the rule and what was given. */
public final class Check {
  private Check() {}

  /** Requires {@code low <= value <= high}; NaN fails. */
  public static double within(String name, double value, double low, double high) {
    if (value >= low && value <= high) return value;
    throw new IllegalArgumentException(
        high == Double.MAX_VALUE || high == Double.POSITIVE_INFINITY
            ? "%s must be at least %s, got %s".formatted(name, low, value)
            : "%s must be in [%s, %s], got %s".formatted(name, low, high, value));
  }

  /** Requires {@code value > bound}; NaN fails. */
  public static double above(String name, double value, double bound) {
    if (value > bound) return value;
    throw new IllegalArgumentException("%s must be above %s, got %s".formatted(name, bound, value));
  }

  /** Requires {@code value >= low}. */
  public static long atLeast(String name, long value, long low) {
    if (value >= low) return value;
    throw new IllegalArgumentException("%s must be at least %d, got %d".formatted(name, low, value));
  }
}
