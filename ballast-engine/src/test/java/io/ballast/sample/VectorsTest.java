package io.ballast.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VectorsTest {
  @BeforeEach void there_are_vectors() {
    assumeTrue(Simd.available(), "the JDK's vector module could not be loaded, or vectors are narrower than 8 floats");
  }

  private static float[] normal(int size, int seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) values[i] = (float) random.nextGaussian();
    return values;
  }

  @Test void exponentials_are_within_2e_7_of_the_double_ones() {
    float[] a = new float[2001];
    for (int i = 0; i < a.length; i++) a[i] = -87 + i * 0.0875f;
    float[] e = a.clone();
    Vectors.exp(e, 1, a.length - 1);
    assertThat(e[0]).isEqualTo(a[0]);
    for (int i = 1; i < a.length; i++) assertThat(e[i] / Math.exp(a[i])).as("e^" + a[i]).isCloseTo(1, within(2e-7));
  }

  @Test void exponentials_below_the_range_are_zero() {
    float[] a = new float[16];
    a[0] = Float.NEGATIVE_INFINITY;
    a[1] = -1000;
    Vectors.exp(a, 0, 16);
    assertThat(a[0]).isZero();
    assertThat(a[1]).isZero();
    assertThat(a[2]).isEqualTo(1);
  }

  /** The JIT compiles the loops somewhere among these calls; with sums in an order of its own the later ones had other bits. */
  @Test void sums_are_the_same_bits_before_and_after_the_loops_are_compiled() {
    float[] q = normal(96, 5), k = normal(96 * 16, 6);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment keys = arena.allocate(4L * k.length, 64);
      MemorySegment.copy(k, 0, keys, ValueLayout.JAVA_FLOAT, 0, k.length);
      float[] first = null;
      for (int i = 0; i < 30_000; i++) {
        float[] out = new float[96];
        Vectors.scores(q, 0, 1, 96, keys, false, 16, 2, 7, out, 0, 7);
        System.arraycopy(q, 0, out, 7, 33);
        Vectors.softmax(out, 7, 33);
        if (first == null) first = out;
        else if (!Arrays.equals(out, first)) assertThat(out).as("call " + i).isEqualTo(first);
      }
    }
  }

  @Test void rounding_is_that_of_single_numbers() {
    float[] a = normal(1001, 3);
    a[7] = Float.intBitsToFloat(0x3F808000); // ties go to the even neighbour
    a[8] = Float.intBitsToFloat(0x3F818000);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment narrow = arena.allocate(2L * a.length);
      Vectors.round(a, 3, a.length, narrow);
      for (int i = 3; i < a.length; i++) assertThat(narrow.getAtIndex(ValueLayout.JAVA_SHORT, i)).isEqualTo(Activation.bf16(a[i]));
      assertThat(narrow.getAtIndex(ValueLayout.JAVA_SHORT, 2)).isZero();
    }
  }

  @ParameterizedTest @CsvSource({"1, 64, 37, false", "3, 64, 4, false", "2, 24, 19, false", "2, 100, 5, false", "4, 128, 133, false", "3, 64, 64, true",
      "2, 100, 71, true", "1, 8, 1, true"})
  void attention_sums_are_those_of_plain_loops(int group, int dim, int count, boolean narrow) {
    int first = 5;
    int capacity = (first + count + KvCache.TILE - 1) / KvCache.TILE * KvCache.TILE;
    float[] q = normal(group * dim, 1);
    float[] k = normal(dim * capacity, 2);
    float[] v = normal(capacity * dim, 3);
    int ld = count + AttentionKernel.SPILL;
    float[] p = new float[group * ld + 2];
    float[] out = new float[group * dim];
    try (Arena arena = Arena.ofConfined()) {
      Vectors.scores(q, 0, group, dim, segment(arena, k, narrow), narrow, capacity, first, count, p, 2, ld);
      for (int g = 0; g < group; g++) {
        for (int t = 0; t < count; t++) {
          double dot = 0;
          for (int d = 0; d < dim; d++) dot += (double) q[g * dim + d] * k[KvCache.key(first + t, dim) + d * KvCache.TILE];
          assertThat((double) p[2 + g * ld + t]).as("query %d, key %d", g, t).isCloseTo(dot, within(2e-5));
        }
      }
      Vectors.values(p, 2, ld, group, dim, segment(arena, v, narrow), narrow, first, count, out, 0);
      for (int g = 0; g < group; g++) {
        for (int d = 0; d < dim; d++) {
          double sum = 0;
          for (int t = 0; t < count; t++) sum += (double) p[2 + g * ld + t] * v[(first + t) * dim + d];
          assertThat((double) out[g * dim + d]).isCloseTo(sum, within(1e-3));
        }
      }
    }
  }

  /** The numbers, rounded first where narrow. */
  private static MemorySegment segment(Arena arena, float[] numbers, boolean narrow) {
    MemorySegment segment = arena.allocate(4L * numbers.length, 64);
    for (int i = 0; i < numbers.length; i++) {
      if (narrow) {
        segment.setAtIndex(ValueLayout.JAVA_SHORT, i, Activation.bf16(numbers[i]));
        numbers[i] = KvCache.number(segment, i, true);
      } else {
        segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, numbers[i]);
      }
    }
    return segment;
  }

  @Test void a_softmax_adds_up_to_1_and_keeps_its_ratios() {
    float[] a = normal(53, 4);
    float[] p = a.clone();
    Vectors.softmax(p, 2, 51);
    double sum = 0;
    for (int i = 2; i < 53; i++) sum += p[i];
    assertThat(sum).isCloseTo(1, within(1e-6));
    for (int i = 3; i < 53; i++) assertThat(Math.log(p[i] / p[2])).isCloseTo(a[i] - a[2], within(2e-6));
    assertThat(p[1]).isEqualTo(a[1]);
  }

  @Test void the_gate_is_that_of_plain_loops() {
    float[] gateUp = normal(2 * 37, 5);
    float[] active = new float[37];
    Vectors.silu(gateUp, 0, 37, active, 0);
    for (int i = 0; i < 37; i++) {
      double g = gateUp[i];
      assertThat((double) active[i]).isCloseTo(g / (1 + Math.exp(-g)) * gateUp[37 + i], within(1e-6));
    }
  }
}
