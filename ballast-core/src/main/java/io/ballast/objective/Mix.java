package io.ballast.objective;

/** Random numbers by key instead of by order: the same key gives the same number, whatever was drawn before. */
public final class Mix {
  private Mix() {}

  /** Uniform in [0, 1), a function of the keys alone. */
  public static double uniform(long... keys) {
    long state = 0x9E3779B97F4A7C15L;
    for (long key : keys) state = mix(state ^ mix(key + 0x9E3779B97F4A7C15L));
    return (state >>> 11) * 0x1p-53;
  }

  /** The finaliser of SplitMix64. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
