package io.ballast.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products of both sides of the size from which oneDNN computes them, against the same in double. */
class ProductsTest {
  private static Tensor normal(int seed, int rows, int columns) {
    var random = new SplittableRandom(seed);
    return Native.reals(ScalarType.Double, Device.CPU, random.doubles((long) rows * columns, -1, 1).toArray()).view(rows, columns).to(ScalarType.Float);
  }

  private static void close(Tensor actual, Tensor expected) {
    assertThat(actual.to(ScalarType.Double).sub(expected).abs().max().item_double()).isLessThan(1e-4);
  }

  @ParameterizedTest @CsvSource({"7, 5, 3", "300, 256, 320", "257, 129, 531", "1, 4096, 4100"})
  void products_are_those_in_double(int m, int k, int n) {
    Native.init();
    try (var scope = Scope.open("test")) {
      Tensor a = normal(1, m, k), b = normal(2, n, k), base = normal(3, m, n);
      Tensor exact = a.to(ScalarType.Double).mm(b.to(ScalarType.Double).t());
      Tensor y = Native.empty(ScalarType.Float, Device.CPU, m, n);
      close(Products.times(y, a, b.t()), exact);
      close(Products.plusTimes(y, base, a, b.t()), exact.add(base));
      Tensor sum = base.clone();
      Products.addTimes(sum, a, b.t());
      close(sum, exact.add(base));
    }
  }

  @ParameterizedTest @CsvSource({"1000, 96, 200", "31, 33, 35"})
  void a_transposed_first_matrix_is_summed_over_rows(int rows, int m, int n) {
    Native.init();
    try (var scope = Scope.open("test")) {
      Tensor a = normal(4, rows, m), b = normal(5, rows, n), y = normal(6, m, n);
      Tensor exact = a.to(ScalarType.Double).t().mm(b.to(ScalarType.Double)).add(y);
      Products.addTimes(y, a.t(), b);
      close(y, exact);
    }
  }
}
