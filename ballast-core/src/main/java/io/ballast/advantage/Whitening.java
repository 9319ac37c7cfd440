package io.ballast.advantage;

/**
 * Advantages of a step brought to mean 0 and deviation 1, over all its tokens, with a variance that divides by n − 1.
 *
 * <pre>
 *   NONE     A
 *   INSIDE   (A − mean A) / √(var A + 1e-8)          verl
 *   BESIDE   (A − mean A) / (√(var A) + 1e-8)        SPO's and SB3's
 * </pre>
 */
public enum Whitening {
  NONE, INSIDE, BESIDE;

  private static final double EPSILON = 1e-8;

  double[] of(double[] values) {
    if (this == NONE) return values;
    Moments moments = Moments.of(values);
    double variance = moments.variance(1), scale = 1 / (this == BESIDE ? Math.sqrt(variance) + EPSILON : Math.sqrt(variance + EPSILON));
    double[] white = new double[values.length];
    for (int t = 0; t < white.length; t++) white[t] = (values[t] - moments.mean()) * scale;
    return white;
  }
}
