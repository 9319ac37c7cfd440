package io.ballast.sample;

import java.lang.foreign.MemorySegment;

/** The exponential of many floats. */
final class Exp {
  private Exp() {}

  /**
   * a[i] ← exp(a[i]) for i in [from, from + count). FAST uses MKL's vector function; EXACT rounds the double value of each element by
   * itself, so that an element's bits do not depend on its neighbours.
   */
  static void inPlace(float[] a, int from, int count, Numerics numerics) {
    if (numerics == Numerics.FAST && Mkl.hasExp()) {
      Mkl.exp(count, MemorySegment.ofArray(a).asSlice(4L * from, 4L * count));
    } else {
      for (int i = from; i < from + count; i++) a[i] = (float) Math.exp(a[i]);
    }
  }
}
