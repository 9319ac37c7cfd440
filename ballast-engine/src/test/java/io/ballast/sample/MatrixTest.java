package io.ballast.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MatrixTest {
  private static final int ROWS = 100;

  private static float[] normal(int size, int seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) values[i] = (float) random.nextGaussian();
    return values;
  }

  private static Tensor tensor(float[] values, int out, int in) {
    Tensor tensor = Native.empty(ScalarType.Float, Device.CPU, out, in);
    MemorySegment.copy(values, 0, MemorySegment.ofAddress(tensor.data_ptr().address()).reinterpret(4L * values.length),
        ValueLayout.JAVA_FLOAT, 0, values.length);
    return tensor;
  }

  private static Activation activation(float[] values, int in) {
    Activation x = new Activation(Share.padded(ROWS), in, false);
    System.arraycopy(values, 0, x.values, 0, values.length);
    return x;
  }

  /** All outputs, as a team of two computes them part by part. */
  private static float[] apply(Matrix matrix, Activation x, int rows, int out, Numerics numerics, boolean add) {
    float[] y = new float[rows * out];
    Arrays.fill(y, add ? 1 : Float.NaN);
    try (Matrix.Scratch scratch = new Matrix.Scratch()) {
      for (int part = 0; part < 2; part++) matrix.apply(part, 2, x, Share.padded(rows), rows, y, out, add, numerics, scratch);
    }
    return y;
  }

  @ParameterizedTest @CsvSource({"29, 24, 1", "96, 100, 2", "1400, 384, 1", "2048, 33, 2"})
  void products_of_both_kinds_of_kernel_are_the_plain_product_within_1e_5(int out, int in, int sections) {
    float[] w = normal(out * in, 1);
    float[] x = normal(ROWS * in, 2);
    for (int i = 0; i < w.length; i++) w[i] /= (float) Math.sqrt(in);
    try (Scope scope = Scope.open("test"); Activation activation = activation(x, in)) {
      Tensor weight = tensor(w, out, in);
      for (boolean brgemm : Brgemm.available() ? new boolean[] {false, true} : new boolean[] {false}) {
        try (Matrix matrix = new Matrix(weight, sections, 2, brgemm)) {
          for (int rows : new int[] {1, 16, 63, ROWS}) {
            for (Numerics numerics : Numerics.values()) {
              for (boolean add : new boolean[] {false, true}) check(w, x, in, apply(matrix, activation, rows, out, numerics, add), out, add);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest @CsvSource({"29, 24, 1, false", "96, 100, 2, false", "1400, 384, 1, false", "2048, 32, 2, false", "29, 24, 1, true", "1400, 384, 1, true",
      "2048, 32, 2, true"})
  void products_from_panels_are_the_plain_product_of_what_the_type_keeps(int out, int in, int sections, boolean bf16) {
    assumeTrue(bf16 ? Brgemm.narrowAvailable() : Brgemm.available(), "needs AVX-512" + (bf16 ? " with bf16" : ""));
    float[] w = rounded(normal(out * in, 1), (float) (1 / Math.sqrt(in)), bf16);
    float[] x = rounded(normal(ROWS * in, 2), 1, bf16);
    try (Scope scope = Scope.open("test"); Activation activation = new Activation(Share.padded(ROWS), in, bf16)) {
      System.arraycopy(x, 0, activation.values, 0, x.length);
      activation.publish(0, ROWS);
      Tensor weight = tensor(w, out, in);
      try (Matrix matrix = new Matrix(bf16 ? weight.to(ScalarType.BFloat16) : weight, sections, 2)) {
        for (int part = 0; part < 2; part++) matrix.pack(part, new Spare(null));
        for (int rows : new int[] {1, 16, 63, ROWS}) {
          for (boolean add : new boolean[] {false, true}) {
            float[] y = new float[rows * out];
            Arrays.fill(y, add ? 1 : Float.NaN);
            for (int part = 0; part < 2; part++) matrix.applyPacked(part, activation, 0, Share.padded(rows), rows, y, out, add);
            check(w, x, in, y, out, add);
            // Each thread its own rows, all outputs.
            Arrays.fill(y, add ? 1 : Float.NaN);
            for (int first = 0; first < rows; first += 32) {
              int own = Math.min(32, rows - first);
              matrix.applyPacked(activation, first, Share.padded(own), own, y, out, add);
            }
            check(w, x, in, y, out, add);
          }
        }
      }
    }
  }

  private static float[] rounded(float[] values, float scale, boolean bf16) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= scale;
      if (bf16) values[i] = Float.intBitsToFloat(Activation.bf16(values[i]) << 16);
    }
    return values;
  }

  private static void check(float[] w, float[] x, int in, float[] y, int out, boolean add) {
    for (int i = 0; i < y.length; i += 7) {
      double sum = add ? 1 : 0;
      for (int k = 0; k < in; k++) sum += (double) w[i % out * in + k] * x[i / out * in + k];
      assertThat((double) y[i]).isCloseTo(sum, within(1e-5));
    }
  }

  @ParameterizedTest @ValueSource(ints = {16, 100, 576, 1536})
  void a_rows_bits_depend_neither_on_the_rows_beside_it_nor_on_its_place(int in) {
    assumeTrue(Brgemm.available(), "this processor has no AVX-512");
    int out = 700;
    float[] x = normal(ROWS * in, 4);
    float[] last = new float[ROWS * in];
    System.arraycopy(x, 0, last, (ROWS - 1) * in, in);
    try (Scope scope = Scope.open("test"); Matrix matrix = new Matrix(tensor(normal(out * in, 3), out, in), 1, 2);
        Activation all = activation(x, in); Activation moved = activation(last, in)) {
      float[] alone = apply(matrix, all, 1, out, Numerics.EXACT, false);
      for (int rows : new int[] {2, 17, 48, 64, ROWS}) {
        assertThat(Arrays.copyOf(apply(matrix, all, rows, out, Numerics.EXACT, false), out)).isEqualTo(alone);
      }
      float[] end = apply(matrix, moved, ROWS, out, Numerics.EXACT, false);
      assertThat(Arrays.copyOfRange(end, (ROWS - 1) * out, ROWS * out)).isEqualTo(alone);
    }
  }
}
