package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MixingTest {

  @Property void a_permutation_holds_every_number_once(@ForAll @IntRange(max = 200) int n, @ForAll long seed, @ForAll long first) {
    int[] order = Mixing.permutation(n, seed, first, 0);
    Arrays.sort(order);
    assertThat(order).isEqualTo(IntStream.range(0, n).toArray());
  }

  @Test void every_place_is_about_equally_likely() {
    int[] firsts = new int[5];
    for (int i = 0; i < 50_000; i++) firsts[Mixing.permutation(5, 7, i, 0)[0]]++;
    // 10,000 expected, standard deviation 89: five of them either way
    assertThat(Arrays.stream(firsts)).allMatch(count -> Math.abs(count - 10_000) < 450);
  }

  @Test void neighbouring_counters_give_unrelated_bits() {
    assertThat(LongStream.range(0, 10_000).map(i -> Mixing.bits(1, i, 2)).distinct().count()).isEqualTo(10_000);
    double ones = LongStream.range(0, 10_000).map(i -> Long.bitCount(Mixing.bits(1, i, 2) ^ Mixing.bits(1, i + 1, 2))).average().orElseThrow();
    assertThat(ones).isBetween(31.5, 32.5);
  }
}
