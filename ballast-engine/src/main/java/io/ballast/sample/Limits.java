package io.ballast.sample;

/**
 * How much a {@link Generator} does at once.
 *
 * @param sequences samples decoded together; more wait and enter as others finish
 * @param prefill prompt tokens computed in one pass beside them, so that a long prompt does not hold up the samples under way
 * @param cacheBytes keys and values held; fewer samples run together where this is tight, at least one always does
 */
public record Limits(int sequences, int prefill, long cacheBytes) {
  public static final Limits DEFAULT = new Limits(256, 256, 1L << 30);

  public Limits {
    if (sequences < 1) throw new IllegalArgumentException("sequences must be at least 1, got " + sequences);
    if (prefill < 1) throw new IllegalArgumentException("prefill must be at least 1, got " + prefill);
    if (cacheBytes < 1) throw new IllegalArgumentException("cacheBytes must be at least 1, got " + cacheBytes);
  }
}
