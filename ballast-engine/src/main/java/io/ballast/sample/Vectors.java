package io.ballast.sample;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
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
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
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

  /** {@code LANES} numbers of a segment from element {@code index} on: floats, or bf16 where {@code narrow}. */
  private static FloatVector load(MemorySegment from, long index, boolean narrow) {
    if (!narrow) return FloatVector.fromMemorySegment(F, from, 4 * index, ORDER);
    var bits = (IntVector) ShortVector.fromMemorySegment(HALF, from, 2 * index, ORDER).convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
    return bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  /**
   * {@code out[at + g · ld + t]} = q_g · K_t for g in [0, group), t in [0, count); q [group, dim] at {@code atQ}, K_t the key {@code first + t} of
   * those of a block of {@link KvCache}. A register holds keys, so that a product is summed over d in order and nothing is summed across lanes.
   * Writes less than {@value AttentionKernel#SPILL} numbers more than wanted.
   */
  static void scores(float[] q, int atQ, int group, int dim, MemorySegment keys, boolean narrow, int capacity, int first, int count,
      float[] out, int at, int ld) {
    int begun = Math.min(count, (KvCache.TILE - first % KvCache.TILE) % KvCache.TILE); // keys before the first whole tile
    for (int g = 0; g < group; g++) {
      for (int t = 0; t < begun; t++) out[at + g * ld + t] = score(q, atQ + g * dim, dim, keys, narrow, KvCache.key(first + t, dim));
    }
    for (int t = begun; t < count; t += 4 * LANES) {
      int g = 0;
      for (; g + 2 <= group; g += 2) twoScores(q, atQ + g * dim, dim, keys, narrow, capacity, first + t, out, at + g * ld + t, ld);
      if (g < group) oneScore(q, atQ + g * dim, dim, keys, narrow, capacity, first + t, out, at + g * ld + t);
    }
  }

  private static float score(float[] q, int atQ, int dim, MemorySegment keys, boolean narrow, int key) {
    float sum = 0;
    for (int d = 0; d < dim; d++) sum = Math.fma(KvCache.number(keys, key + d * KvCache.TILE, narrow), q[atQ + d], sum);
    return sum;
  }

  /** Where a register of keys from {@code t} on begins; one past the block's end is read from its last keys and means nothing. */
  private static long register(int t, int dim, int capacity) {
    return KvCache.key(Math.min(t, capacity - LANES), dim);
  }

  /** Two queries and as many keys as four registers hold. */
  private static void twoScores(float[] q, int atQ, int dim, MemorySegment keys, boolean narrow, int capacity, int t, float[] out, int at, int ld) {
    long i0 = register(t, dim, capacity);
    long i1 = register(t + LANES, dim, capacity);
    long i2 = register(t + 2 * LANES, dim, capacity);
    long i3 = register(t + 3 * LANES, dim, capacity);
    FloatVector a0 = FloatVector.zero(F), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    for (int d = 0; d < dim; d++) {
      FloatVector x = FloatVector.broadcast(F, q[atQ + d]);
      FloatVector y = FloatVector.broadcast(F, q[atQ + dim + d]);
      FloatVector k0 = load(keys, i0 + (long) d * KvCache.TILE, narrow);
      FloatVector k1 = load(keys, i1 + (long) d * KvCache.TILE, narrow);
      FloatVector k2 = load(keys, i2 + (long) d * KvCache.TILE, narrow);
      FloatVector k3 = load(keys, i3 + (long) d * KvCache.TILE, narrow);
      a0 = k0.fma(x, a0);
      a1 = k1.fma(x, a1);
      a2 = k2.fma(x, a2);
      a3 = k3.fma(x, a3);
      b0 = k0.fma(y, b0);
      b1 = k1.fma(y, b1);
      b2 = k2.fma(y, b2);
      b3 = k3.fma(y, b3);
    }
    store(a0, a1, a2, a3, out, at);
    store(b0, b1, b2, b3, out, at + ld);
  }

  private static void oneScore(float[] q, int atQ, int dim, MemorySegment keys, boolean narrow, int capacity, int t, float[] out, int at) {
    long i0 = register(t, dim, capacity);
    long i1 = register(t + LANES, dim, capacity);
    long i2 = register(t + 2 * LANES, dim, capacity);
    long i3 = register(t + 3 * LANES, dim, capacity);
    FloatVector a0 = FloatVector.zero(F), a1 = a0, a2 = a0, a3 = a0;
    for (int d = 0; d < dim; d++) {
      FloatVector x = FloatVector.broadcast(F, q[atQ + d]);
      a0 = load(keys, i0 + (long) d * KvCache.TILE, narrow).fma(x, a0);
      a1 = load(keys, i1 + (long) d * KvCache.TILE, narrow).fma(x, a1);
      a2 = load(keys, i2 + (long) d * KvCache.TILE, narrow).fma(x, a2);
      a3 = load(keys, i3 + (long) d * KvCache.TILE, narrow).fma(x, a3);
    }
    store(a0, a1, a2, a3, out, at);
  }

  private static void store(FloatVector a0, FloatVector a1, FloatVector a2, FloatVector a3, float[] out, int at) {
    a0.intoArray(out, at);
    a1.intoArray(out, at + LANES);
    a2.intoArray(out, at + 2 * LANES);
    a3.intoArray(out, at + 3 * LANES);
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

  /**
   * out_g += Σ_t p[at + g · ld + t] V_t for g in [0, group), t in [0, count); V_t the row {@code first + t} of values [capacity, dim], out
   * [group, dim] at {@code atOut}.
   */
  static void values(float[] p, int at, int ld, int group, int dim, MemorySegment values, boolean narrow, int first, int count, float[] out,
      int atOut) {
    int wide = dim - dim % (4 * LANES);
    int whole = dim - dim % LANES;
    int g = 0;
    for (; g + 2 <= group; g += 2) {
      for (int d = 0; d < wide; d += 4 * LANES) twoValues(p, at + g * ld, ld, dim, values, narrow, first, count, out, atOut + g * dim, d);
    }
    for (int h = 0; h < group; h++) {
      if (h >= g) for (int d = 0; d < wide; d += 4 * LANES) oneValue(p, at + h * ld, dim, values, narrow, first, count, out, atOut + h * dim, d);
      for (int d = wide; d < whole; d += LANES) {
        int to = atOut + h * dim + d;
        FloatVector a = FloatVector.fromArray(F, out, to);
        for (int t = 0; t < count; t++) {
          a = load(values, (long) (first + t) * dim + d, narrow).fma(FloatVector.broadcast(F, p[at + h * ld + t]), a);
        }
        a.intoArray(out, to);
      }
      for (int d = whole; d < dim; d++) {
        for (int t = 0; t < count; t++) {
          out[atOut + h * dim + d] += p[at + h * ld + t] * KvCache.number(values, (long) (first + t) * dim + d, narrow);
        }
      }
    }
  }

  private static void twoValues(float[] p, int at, int ld, int dim, MemorySegment values, boolean narrow, int first, int count, float[] out,
      int atOut, int d) {
    int to = atOut + d;
    int other = to + dim;
    FloatVector a0 = FloatVector.fromArray(F, out, to);
    FloatVector a1 = FloatVector.fromArray(F, out, to + LANES);
    FloatVector a2 = FloatVector.fromArray(F, out, to + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(F, out, to + 3 * LANES);
    FloatVector b0 = FloatVector.fromArray(F, out, other);
    FloatVector b1 = FloatVector.fromArray(F, out, other + LANES);
    FloatVector b2 = FloatVector.fromArray(F, out, other + 2 * LANES);
    FloatVector b3 = FloatVector.fromArray(F, out, other + 3 * LANES);
    for (int t = 0; t < count; t++) {
      long v = (long) (first + t) * dim + d;
      FloatVector x = FloatVector.broadcast(F, p[at + t]);
      FloatVector y = FloatVector.broadcast(F, p[at + ld + t]);
      FloatVector v0 = load(values, v, narrow);
      FloatVector v1 = load(values, v + LANES, narrow);
      FloatVector v2 = load(values, v + 2 * LANES, narrow);
      FloatVector v3 = load(values, v + 3 * LANES, narrow);
      a0 = v0.fma(x, a0);
      a1 = v1.fma(x, a1);
      a2 = v2.fma(x, a2);
      a3 = v3.fma(x, a3);
      b0 = v0.fma(y, b0);
      b1 = v1.fma(y, b1);
      b2 = v2.fma(y, b2);
      b3 = v3.fma(y, b3);
    }
    store(a0, a1, a2, a3, out, to);
    store(b0, b1, b2, b3, out, other);
  }

  private static void oneValue(float[] p, int at, int dim, MemorySegment values, boolean narrow, int first, int count, float[] out, int atOut,
      int d) {
    int to = atOut + d;
    FloatVector a0 = FloatVector.fromArray(F, out, to);
    FloatVector a1 = FloatVector.fromArray(F, out, to + LANES);
    FloatVector a2 = FloatVector.fromArray(F, out, to + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(F, out, to + 3 * LANES);
    for (int t = 0; t < count; t++) {
      long v = (long) (first + t) * dim + d;
      FloatVector x = FloatVector.broadcast(F, p[at + t]);
      a0 = load(values, v, narrow).fma(x, a0);
      a1 = load(values, v + LANES, narrow).fma(x, a1);
      a2 = load(values, v + 2 * LANES, narrow).fma(x, a2);
      a3 = load(values, v + 3 * LANES, narrow).fma(x, a3);
    }
    store(a0, a1, a2, a3, out, to);
  }
}
