package io.ballast.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PassRatesTest {

  @Test void pass_at_k_by_hand() {
    // n = 4: prompt 0 has 1 right, prompt 1 has 4, prompt 2 none
    var rates = new PassRates(new int[] {1, 4, 0}, new double[] {0.25, 1, 0}, 4);
    assertThat(rates.passAt(1).value()).isCloseTo((0.25 + 1 + 0) / 3, within(1e-12));
    assertThat(rates.passAt(2).value()).isCloseTo((1 - 3.0 / 6 + 1) / 3, within(1e-12)); // C(3,2) / C(4,2) = 3 / 6
    assertThat(rates.passAt(4).value()).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(rates.average().value()).isEqualTo(rates.passAt(1).value());
  }

  @Test void the_interval_holds_the_value_and_shrinks_with_more_prompts() {
    var few = new PassRates(counts(20), scores(20), 2).passAt(1);
    var many = new PassRates(counts(2_000), scores(2_000), 2).passAt(1);
    assertThat(few.low()).isLessThan(few.value());
    assertThat(few.high()).isGreaterThan(few.value());
    assertThat(many.high() - many.low()).isLessThan((few.high() - few.low()) / 5);
    assertThat(many.high() - many.low()).isCloseTo(2 * 1.96 * Math.sqrt(2 / 12.0 / 2_000 * 1.0), within(0.01)); // values 0, 1/2, 1 alike
  }

  @Test void all_or_nothing_has_no_width() {
    var all = new PassRates(new int[] {2, 2}, new double[] {1, 1}, 2);
    assertThat(all.passAt(2)).isEqualTo(new PassRates.Rate(1, 1, 1));
  }

  @Test void refuses_what_makes_no_sense() {
    assertThatThrownBy(() -> new PassRates(new int[] {3}, new double[] {1}, 2)).hasMessage("prompt 0: 3 right of 2 samples");
    assertThatThrownBy(() -> new PassRates(new int[0], new double[0], 2)).hasMessageContaining("no prompts");
    assertThatThrownBy(() -> new PassRates(new int[] {1}, new double[] {1}, 2).passAt(3)).hasMessageContaining("k must be in [1, 2]");
  }

  private static int[] counts(int prompts) {
    int[] counts = new int[prompts];
    for (int p = 0; p < prompts; p++) counts[p] = p % 3;
    return counts;
  }

  private static double[] scores(int prompts) {
    double[] scores = new double[prompts];
    for (int p = 0; p < prompts; p++) scores[p] = p % 3 / 2.0;
    return scores;
  }
}
