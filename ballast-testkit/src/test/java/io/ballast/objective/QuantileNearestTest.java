package io.ballast.objective;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class QuantileNearestTest {

  @Test void the_kth_smallest_is_that_of_the_sorted_values_whatever_their_signs_and_sizes() {
    SplittableRandom random = new SplittableRandom(3);
    for (int n = 1; n < 400; n += 37) {
      double[] values = random.doubles(n, -1, 1).map(x -> Math.rint(x * 40) / 8 * Math.pow(10, random.nextInt(-9, 9))).toArray();
      values[0] = -0.0;
      double[] before = values.clone(), sorted = Arrays.stream(values).map(x -> x + 0.0).sorted().toArray();
      for (double q : new double[] {0, 0.1, 0.5, 0.8, 1}) {
        assertThat(Quantile.nearest(values, q) + 0.0).isEqualTo(sorted[(int) Math.rint(q * (n - 1))]);
      }
      assertThat(values).isEqualTo(before);
    }
  }
}
