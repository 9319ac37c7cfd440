package io.ballast.sample;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The inner loops of sampling on vector registers. To be touched only where {@link Simd} says so. */
final class Vectors {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = F.length();
  private static final VectorSpecies<Short> HALF =
      VectorSpecies.of(short.class, VectorShape.forBitSize(Math.max(64, F.vectorBitSize() / 2)));
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Lanes turned by a half, a quarter, an eighth and a sixteenth of a register. */
  private static final VectorShuffle<Float> HALF_TURN = turn(2), QUARTER_TURN = turn(4), EIGHTH_TURN = turn(8), SIXTEENTH_TURN = turn(16);

  private Vectors() {}

  private static VectorShuffle<Float> turn(int part) {
    return VectorShuffle.iota(F, LANES / part, 1, true);
  }

  static boolean wideEnough() {
    return LANES == 8 || LANES == 16;
  }

  /**
   * The sum of 8 or 16 lanes, halves onto halves. {@code reduceLanes} leaves the order open, and the code that a method is compiled to after a
   * while adds in another order than the interpreter did: the same sum would have two values in one run.
   */
  private static float sum(FloatVector lanes) {
    FloatVector s = lanes.add(lanes.rearrange(HALF_TURN));
    s = s.add(s.rearrange(QUARTER_TURN));
    s = s.add(s.rearrange(EIGHTH_TURN));
    if (LANES == 16) s = s.add(s.rearrange(SIXTEENTH_TURN));
    return s.lane(0);
  }

  /**
   * e^x within 2 units in the last place, for x from −87.3 to 88.7; 0 below, above the value at the bound.
   *
   * <p>x = n ln 2 + r with |r| ≤ ln 2 / 2, ln 2 in two parts; e^r by Cephes' polynomial of degree 6; 2^n by its exponent's bits.
   */
  private static FloatVector exp(FloatVector of) {
    FloatVector x = of.max(-87.3f).min(88.7f);
    // Adding 1.5 · 2^23 leaves the nearest whole number in the low bits.
    FloatVector shifted = x.fma(FloatVector.broadcast(F, 1.44269504f), FloatVector.broadcast(F, 12582912f));
    FloatVector n = shifted.sub(12582912f);
    FloatVector r = n.fma(FloatVector.broadcast(F, 2.12194440e-4f), n.fma(FloatVector.broadcast(F, -0.693359375f), x));
    FloatVector p = FloatVector.broadcast(F, 1.9875691500e-4f);
    p = p.fma(r, FloatVector.broadcast(F, 1.3981999507e-3f));
    p = p.fma(r, FloatVector.broadcast(F, 8.3334519073e-3f));
    p = p.fma(r, FloatVector.broadcast(F, 4.1665795894e-2f));
    p = p.fma(r, FloatVector.broadcast(F, 1.6666665459e-1f));
    p = p.fma(r, FloatVector.broadcast(F, 5.0000001201e-1f));
    p = p.fma(r.mul(r), r).add(1f);
    return p.mul(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(127 << 23).reinterpretAsFloats())
        .blend(0f, of.lt(-87.3f));
  }

  /** a[i] ← exp(a[i]) for i in [from, from + count). */
  static void exp(float[] a, int from, int count) {
    int i = from;
    int end = from + count;
    for (; i + LANES <= end; i += LANES) exp(FloatVector.fromArray(F, a, i)).intoArray(a, i);
    for (; i < end; i++) a[i] = (float) Math.exp(a[i]);
  }

  /** The largest of a[at … at + size), NaN if any is. */
  static float max(float[] a, int at, int size) {
    int whole = size - size % LANES;
    FloatVector most = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < whole; i += LANES) most = most.max(FloatVector.fromArray(F, a, at + i));
    float max = most.reduceLanes(VectorOperators.MAX);
    for (int i = whole; i < size; i++) max = Math.max(max, a[at + i]);
    return max;
  }

  /** w_i ← exp(logits[at + i] · inverse − top); returns their sum. */
  static double weights(float[] logits, int at, int size, float inverse, float top, float[] w) {
    int whole = size - size % LANES;
    FloatVector sums = FloatVector.zero(F);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector e = exp(FloatVector.fromArray(F, logits, at + i).mul(inverse).sub(top));
      e.intoArray(w, i);
      sums = sums.add(e);
    }
    double sum = sum(sums);
    for (int i = whole; i < size; i++) sum += w[i] = (float) Math.exp(logits[at + i] * inverse - top);
    return sum;
  }

  /** Σ_i w_i z_i with z_i = logits[at + i] · inverse − top, over [0, size); where z_i is −∞, w_i is 0 and so is the product. */
  static double weighted(float[] w, float[] logits, int at, int size, float inverse, float top) {
    int whole = size - size % LANES;
    FloatVector sums = FloatVector.zero(F);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector z = FloatVector.fromArray(F, logits, at + i).mul(inverse).sub(top).max(-200f);
      sums = z.fma(FloatVector.fromArray(F, w, i), sums);
    }
    double sum = sum(sums);
    for (int i = whole; i < size; i++) if (w[i] > 0) sum += w[i] * (double) (logits[at + i] * inverse - top);
    return sum;
  }

  /** active = g / (1 + e^(−g)) · up from [gate, up], 2 · width numbers at {@code at}. */
  static void silu(float[] gateUp, int at, int width, float[] active, int to) {
    int i = 0;
    for (; i + LANES <= width; i += LANES) {
      FloatVector g = FloatVector.fromArray(F, gateUp, at + i);
      FloatVector up = FloatVector.fromArray(F, gateUp, at + width + i);
      g.div(exp(g.neg()).add(1f)).mul(up).intoArray(active, to + i);
    }
    for (; i < width; i++) {
      float g = gateUp[at + i];
      active[to + i] = (float) (g / (1 + Math.exp(-g))) * gateUp[at + width + i];
    }
  }

  /** Rounds a[from … to) to bf16, to the nearest, ties to even, at the same places of {@code narrow}. */
  static void round(float[] a, int from, int to, MemorySegment narrow) {
    int i = from;
    for (; i + LANES <= to; i += LANES) {
      IntVector bits = FloatVector.fromArray(F, a, i).reinterpretAsInts();
      IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.AND, 1);
      bits.add(0x7FFF).add(odd).lanewise(VectorOperators.LSHR, 16).convertShape(VectorOperators.I2S, HALF, 0)
          .reinterpretAsShorts().intoMemorySegment(narrow, 2L * i, ORDER);
    }
    for (; i < to; i++) narrow.set(ValueLayout.JAVA_SHORT, 2L * i, Activation.bf16(a[i]));
  }

  /** out[g · ld + t] = q_g · K_t for g in [0, group), t in [0, count); q [group, dim] at {@code atQ}, K [count, dim]. */
  static void scores(float[] q, int atQ, int group, int dim, MemorySegment keys, int count, float[] out, int at, int ld) {
    int whole = dim - dim % LANES;
    for (int g = 0; g < group; g++) {
      int qg = atQ + g * dim;
      int to = at + g * ld;
      int t = 0;
      for (; t + 4 <= count; t += 4) { // four keys at once share the loads of q
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        long row = 4L * t * dim;
        for (int d = 0; d < whole; d += LANES) {
          FloatVector x = FloatVector.fromArray(F, q, qg + d);
          long k = row + 4L * d;
          s0 = FloatVector.fromMemorySegment(F, keys, k, ORDER).fma(x, s0);
          s1 = FloatVector.fromMemorySegment(F, keys, k + 4L * dim, ORDER).fma(x, s1);
          s2 = FloatVector.fromMemorySegment(F, keys, k + 8L * dim, ORDER).fma(x, s2);
          s3 = FloatVector.fromMemorySegment(F, keys, k + 12L * dim, ORDER).fma(x, s3);
        }
        out[to + t] = sum(s0);
        out[to + t + 1] = sum(s1);
        out[to + t + 2] = sum(s2);
        out[to + t + 3] = sum(s3);
      }
      for (; t < count; t++) {
        FloatVector s = FloatVector.zero(F);
        for (int d = 0; d < whole; d += LANES) {
          s = FloatVector.fromMemorySegment(F, keys, 4L * (t * dim + d), ORDER).fma(FloatVector.fromArray(F, q, qg + d), s);
        }
        out[to + t] = sum(s);
      }
      for (int d = whole; d < dim; d++) {
        for (t = 0; t < count; t++) out[to + t] += q[qg + d] * keys.get(ValueLayout.JAVA_FLOAT, 4L * (t * dim + d));
      }
    }
  }

  /** a ← softmax(a) over [from, from + count). */
  static void softmax(float[] a, int from, int count) {
    int end = from + count;
    int whole = end - count % LANES;
    float max = max(a, from, count);
    FloatVector sums = FloatVector.zero(F);
    for (int i = from; i < whole; i += LANES) {
      FloatVector e = exp(FloatVector.fromArray(F, a, i).sub(max));
      e.intoArray(a, i);
      sums = sums.add(e);
    }
    float sum = sum(sums);
    for (int i = whole; i < end; i++) sum += a[i] = (float) Math.exp(a[i] - max);
    float inverse = 1 / sum;
    for (int i = from; i < whole; i += LANES) FloatVector.fromArray(F, a, i).mul(inverse).intoArray(a, i);
    for (int i = whole; i < end; i++) a[i] *= inverse;
  }

  /** out_g += Σ_t p[at + g · ld + t] V_t for g in [0, group), t in [0, count); V [count, dim], out [group, dim] at {@code atOut}. */
  static void values(float[] p, int at, int ld, int group, int dim, MemorySegment values, int count, float[] out, int atOut) {
    for (int g = 0; g < group; g++) {
      int pg = at + g * ld;
      int to = atOut + g * dim;
      int d = 0;
      for (; d + 4 * LANES <= dim; d += 4 * LANES) {
        FloatVector a = FloatVector.fromArray(F, out, to + d);
        FloatVector b = FloatVector.fromArray(F, out, to + d + LANES);
        FloatVector c = FloatVector.fromArray(F, out, to + d + 2 * LANES);
        FloatVector e = FloatVector.fromArray(F, out, to + d + 3 * LANES);
        for (int t = 0; t < count; t++) {
          FloatVector w = FloatVector.broadcast(F, p[pg + t]);
          long v = 4L * (t * dim + d);
          a = FloatVector.fromMemorySegment(F, values, v, ORDER).fma(w, a);
          b = FloatVector.fromMemorySegment(F, values, v + 4L * LANES, ORDER).fma(w, b);
          c = FloatVector.fromMemorySegment(F, values, v + 8L * LANES, ORDER).fma(w, c);
          e = FloatVector.fromMemorySegment(F, values, v + 12L * LANES, ORDER).fma(w, e);
        }
        a.intoArray(out, to + d);
        b.intoArray(out, to + d + LANES);
        c.intoArray(out, to + d + 2 * LANES);
        e.intoArray(out, to + d + 3 * LANES);
      }
      for (; d + LANES <= dim; d += LANES) {
        FloatVector a = FloatVector.fromArray(F, out, to + d);
        for (int t = 0; t < count; t++) {
          a = FloatVector.fromMemorySegment(F, values, 4L * (t * dim + d), ORDER).fma(FloatVector.broadcast(F, p[pg + t]), a);
        }
        a.intoArray(out, to + d);
      }
      for (; d < dim; d++) {
        for (int t = 0; t < count; t++) out[to + d] += p[pg + t] * values.get(ValueLayout.JAVA_FLOAT, 4L * (t * dim + d));
      }
    }
  }
}
