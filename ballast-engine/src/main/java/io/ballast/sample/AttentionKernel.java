package io.ballast.sample;

import io.ballast.model.ModelConfig;
import java.lang.foreign.MemorySegment;

/**
 * Attention of single queries over cached keys and values, for one thread.
 *
 * <pre>   p = softmax(q Kᵀ),   o = p V,   q already scaled by 1/√D; Gemma 2 caps q Kᵀ first</pre>
 *
 * <p>FAST sums in vectors or, where there are none, hands the query heads that share a key-value head to the BLAS as one small product.
 * EXACT sums in an order that depends on
 * nothing but the head size and the position, so that a prefill, a decoding step and a rebuilt cache agree bit for bit.
 */
final class AttentionKernel {
  /** Numbers that four registers hold at most: so much may loops on vectors write beyond what is wanted. */
  static final int SPILL = 64;

  private final int group;
  private final int dim;
  private final KvCache cache;
  private final Numerics numerics;
  private final boolean vectors;
  private final boolean blas;
  private final double cap;
  private float[] scores = new float[0];

  AttentionKernel(ModelConfig config, KvCache cache, Numerics numerics) {
    this.group = config.group();
    this.dim = config.headDim();
    this.cache = cache;
    this.numerics = numerics;
    this.vectors = numerics == Numerics.FAST && Simd.available();
    this.blas = numerics == Numerics.FAST && !vectors && !cache.narrow();
    this.cap = config.gemma() == null ? 0 : config.gemma().attentionSoftcap();
  }

  /**
   * One query position and key-value head.
   *
   * @param q [group, D] at {@code atQ}; out [group, D] at {@code atOut}
   * @param position of the query; it sees positions max(0, position − window + 1) … position, window 0 = all
   */
  void attend(float[] q, int atQ, KvCache.Block block, int layer, int kvHead, int position, int window, float[] out, int atOut) {
    int first = window == 0 ? 0 : Math.max(0, position - window + 1);
    int length = position + 1 - first;
    int ld = length + SPILL;
    if (scores.length < group * ld) scores = new float[group * Math.max(ld, 2 * scores.length / group)];
    int shared = Math.max(0, block.start - first);
    if (shared > 0) scores(q, atQ, block.before, layer, kvHead, first - block.before.start, shared, 0, ld);
    scores(q, atQ, block, layer, kvHead, Math.max(first, block.start) - block.start, length - shared, shared, ld);
    for (int g = 0; g < group; g++) SoftCap.inPlace(scores, g * ld, length, cap, numerics);
    softmax(length, ld);
    java.util.Arrays.fill(out, atOut, atOut + group * dim, 0);
    if (shared > 0) values(block.before, layer, kvHead, first - block.before.start, shared, 0, ld, out, atOut);
    values(block, layer, kvHead, Math.max(first, block.start) - block.start, length - shared, shared, ld, out, atOut);
  }

  /** scores[g · ld + to + t] = q_g · K[from + t], t in [0, count). */
  private void scores(float[] q, int atQ, KvCache.Block block, int layer, int kvHead, int from, int count, int to, int ld) {
    MemorySegment keys = cache.keys(block, layer, kvHead);
    if (vectors) {
      Vectors.scores(q, atQ, group, dim, keys, cache.narrow(), block.capacity, from, count, scores, to, ld);
    } else if (blas) {
      for (int t = 0, n; t < count; t += n) {
        n = Math.min(count - t, KvCache.TILE - (from + t) % KvCache.TILE);
        Mkl.times(group, n, dim, MemorySegment.ofArray(q).asSlice(4L * atQ), dim, keys.asSlice(4L * KvCache.key(from + t, dim)), KvCache.TILE, 0,
            MemorySegment.ofArray(scores).asSlice(4L * (to + t)), ld);
      }
    } else {
      for (int g = 0; g < group; g++) {
        for (int t = 0; t < count; t++) scores[g * ld + to + t] = dot(q, atQ + g * dim, keys, KvCache.key(from + t, dim));
      }
    }
  }

  /** Two running sums, so that the additions overlap in the processor; the order is part of the exact configuration. */
  private float dot(float[] q, int atQ, MemorySegment keys, int key) {
    float a = 0;
    float b = 0;
    int half = dim / 2;
    boolean narrow = cache.narrow();
    for (int d = 0; d < half; d++) {
      a = Math.fma(q[atQ + d], KvCache.number(keys, key + d * KvCache.TILE, narrow), a);
      b = Math.fma(q[atQ + half + d], KvCache.number(keys, key + (half + d) * KvCache.TILE, narrow), b);
    }
    return a + b;
  }

  private void softmax(int length, int ld) {
    if (vectors) {
      for (int g = 0; g < group; g++) Vectors.softmax(scores, g * ld, length);
      return;
    }
    for (int g = 0; g < group; g++) {
      int at = g * ld;
      float max = Float.NEGATIVE_INFINITY;
      for (int t = at; t < at + length; t++) max = Math.max(max, scores[t]);
      for (int t = at; t < at + length; t++) scores[t] -= max;
    }
    for (int g = 0; g < group; g++) Exp.inPlace(scores, g * ld, length, numerics);
    for (int g = 0; g < group; g++) {
      int at = g * ld;
      float sum = 0;
      for (int t = at; t < at + length; t++) sum += scores[t];
      float inverse = 1 / sum;
      for (int t = at; t < at + length; t++) scores[t] *= inverse;
    }
  }

  /** out_g += Σ_t scores[g · ld + at + t] · V[from + t]. */
  private void values(KvCache.Block block, int layer, int kvHead, int from, int count, int at, int ld, float[] out, int atOut) {
    MemorySegment values = cache.values(block, layer, kvHead);
    if (vectors) {
      Vectors.values(scores, at, ld, group, dim, values, cache.narrow(), from, count, out, atOut);
      return;
    }
    if (blas) {
      Mkl.times(group, dim, count, MemorySegment.ofArray(scores).asSlice(4L * at), ld, values.asSlice(4L * from * dim), dim, 1,
          MemorySegment.ofArray(out).asSlice(4L * atOut), dim);
      return;
    }
    for (int g = 0; g < group; g++) {
      for (int t = 0; t < count; t++) {
        float p = scores[g * ld + at + t];
        for (int d = 0; d < dim; d++) {
          int to = atOut + g * dim + d;
          out[to] = Math.fma(p, KvCache.number(values, (from + t) * dim + d, cache.narrow()), out[to]);
        }
      }
    }
  }
}
