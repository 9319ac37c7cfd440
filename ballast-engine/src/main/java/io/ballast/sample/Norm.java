package io.ballast.sample;

/** Root-mean-square normalisation of one row. */
final class Norm {
  private Norm() {}

  /** to = x · (mean x² + ε)^(−1/2) · weight over {@code width} elements. */
  static void apply(float[] x, int at, float[] weight, double eps, float[] to, int atTo, int width) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = 0;
    for (; i + 3 < width; i += 4) {
      a += x[at + i] * x[at + i];
      b += x[at + i + 1] * x[at + i + 1];
      c += x[at + i + 2] * x[at + i + 2];
      d += x[at + i + 3] * x[at + i + 3];
    }
    for (; i < width; i++) a += x[at + i] * x[at + i];
    float r = (float) (1 / Math.sqrt((double) (a + b + (c + d)) / width + eps));
    for (i = 0; i < width; i++) to[atTo + i] = x[at + i] * r * weight[i];
  }
}
