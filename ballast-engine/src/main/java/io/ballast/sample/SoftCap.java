package io.ballast.sample;

import java.lang.foreign.MemorySegment;

/** Gemma 2's bound on scores and logits: x ← c·tanh(x / c). */
final class SoftCap {
  private SoftCap() {}

  /** Caps a[from … from + count); {@code cap} 0 leaves them. */
  static void inPlace(float[] a, int from, int count, double cap, Numerics numerics) {
    if (cap == 0) return;
    float scale = (float) cap;
    for (int i = from; i < from + count; i++) a[i] /= scale;
    if (numerics == Numerics.FAST && Mkl.hasTanh()) {
      Mkl.tanh(count, MemorySegment.ofArray(a).asSlice(4L * from, 4L * count));
    } else {
      for (int i = from; i < from + count; i++) a[i] = (float) Math.tanh(a[i]);
    }
    for (int i = from; i < from + count; i++) a[i] *= scale;
  }
}
