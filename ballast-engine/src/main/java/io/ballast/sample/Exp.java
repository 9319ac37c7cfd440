package io.ballast.sample;

/** The exponential of many floats. */
final class Exp {
  private Exp() {}

  /**
   * a[i] ← exp(a[i]) for i in [from, from + count). FAST uses vectors where there are any; EXACT rounds the double value of each element
   * by itself, so that an element's bits do not depend on its neighbours.
   */
  static void inPlace(float[] a, int from, int count, Numerics numerics) {
    if (numerics == Numerics.FAST && Simd.available()) {
      Vectors.exp(a, from, count);
    } else {
      for (int i = from; i < from + count; i++) a[i] = (float) Math.exp(a[i]);
    }
  }
}
