package io.ballast.sample;

/** Gemma 2's bound on scores and logits: x ← c·tanh(x / c). */
final class SoftCap {
  private SoftCap() {}

  /** Caps a[from … from + count); {@code cap} 0 leaves them. */
  static void inPlace(float[] a, int from, int count, double cap, Numerics numerics) {
    if (cap == 0) return;
    float scale = (float) cap;
    if (numerics == Numerics.EXACT) {
      for (int i = from; i < from + count; i++) a[i] = (float) Math.tanh(a[i] / scale) * scale;
      return;
    }
    // tanh y = 1 − 2 / (1 + e^(2y)): within 2e-7 of the bound, which is what a score of that size is rounded to.
    for (int i = from; i < from + count; i++) a[i] *= 2 / scale;
    Exp.inPlace(a, from, count, numerics);
    for (int i = from; i < from + count; i++) a[i] = scale - 2 * scale / (1 + a[i]);
  }
}
