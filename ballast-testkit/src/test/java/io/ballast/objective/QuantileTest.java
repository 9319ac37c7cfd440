package io.ballast.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class QuantileTest {
  private static final double[] QUANTILES = {0, 0.1, 0.5, 0.77, 0.8, 1};
  /** Few values are selected from, many are counted first. */
  private static final int[] SIZES = {1, 2, 38, 371, 5000, 20_000};

  /** Of both signs and many sizes, with ties. */
  private static double[] values(int n, SplittableRandom random) {
    double[] values = random.doubles(n, -1, 1).map(x -> Math.rint(x * 40) / 8 * Math.pow(10, random.nextInt(-9, 9))).toArray();
    values[0] = -0.0;
    return values;
  }

  private static double[] sorted(double[] values) {
    return Arrays.stream(values).map(x -> x + 0.0).sorted().toArray();
  }

  private static double interpolated(double[] sorted, double q) {
    double position = q * (sorted.length - 1);
    int lower = (int) position;
    return lower == position ? sorted[lower] : sorted[lower] + (position - lower) * (sorted[lower + 1] - sorted[lower]);
  }

  @Test void the_kth_smallest_is_that_of_the_sorted_values_whatever_their_signs_and_sizes() {
    SplittableRandom random = new SplittableRandom(3);
    for (int n : SIZES) {
      double[] values = values(n, random), before = values.clone(), sorted = sorted(values);
      for (double q : QUANTILES) {
        assertThat(Quantile.nearest(values, q) + 0.0).as("%s of %d", q, n).isEqualTo(sorted[(int) Math.rint(q * (n - 1))]);
      }
      assertThat(values).isEqualTo(before);
    }
  }

  @Test void between_two_sorted_values_a_quantile_lies_on_the_line() {
    SplittableRandom random = new SplittableRandom(4);
    for (int n : SIZES) {
      double[] values = values(n, random), sorted = sorted(values);
      for (double q : QUANTILES) {
        double expected = interpolated(sorted, q);
        assertThat(Quantile.of(values, q)).as("%s of %d", q, n).isCloseTo(expected, within(1e-9 * Math.abs(expected)));
      }
    }
  }

  @Test void the_quantile_of_a_run_is_that_of_its_values_alone() {
    double[] values = values(5000, new SplittableRandom(5));
    Arrays.fill(values, 300, 330, 0.25);
    values[40] = Double.MIN_VALUE;
    var runs = new Quantile.Runs(1000);
    for (int[] run : new int[][] {{0, 1}, {0, 2}, {39, 41}, {300, 330}, {300, 331}, {17, 800}, {4000, 5000}}) {
      double[] sorted = sorted(Arrays.copyOfRange(values, run[0], run[1]));
      for (double q : QUANTILES) {
        double expected = interpolated(sorted, q);
        assertThat(runs.of(values, run[0], run[1], q) + 0.0).as("%s of %d to %d", q, run[0], run[1]).isCloseTo(expected, within(1e-9 * Math.abs(expected)));
      }
    }
    assertThat(runs.of(values, 7, 7, 0.5)).isEqualTo(Double.NEGATIVE_INFINITY);
  }
}
