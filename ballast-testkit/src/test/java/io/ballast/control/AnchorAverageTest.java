package io.ballast.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AnchorAverageTest {

  private static double moved(Following following, long step, double average, double trained) {
    return average + following.share(step) * (trained - average);
  }

  /** b = 1/2, θ = 0, 1, 1: W' = 1.5, θ̄ = 1/1.5 = 2/3; then W' = 1.75, θ̄ = 0.75/1.75 · 2/3 + 1/1.75 = 6/7. */
  @Test void two_steps_by_hand() {
    var anchor = new AnchorAverage(0.5);
    double first = moved(anchor, 1, 0, 1);
    assertThat(first).isCloseTo(2.0 / 3, within(1e-15));
    assertThat(moved(anchor, 2, first, 1)).isCloseTo(6.0 / 7, within(1e-15));
  }

  /** Bias-corrected: the average of Σ b^(n−k) θ_k over Σ b^(n−k), the start counted. */
  @Test void it_is_the_weighted_mean_of_everything_seen() {
    double decay = 0.889, numerator = 3, denominator = 1, average = 3;
    var anchor = new AnchorAverage(decay);
    for (int k = 1; k < 30; k++) {
      double trained = Math.sin(k);
      average = moved(anchor, k, average, trained);
      numerator = decay * numerator + trained;
      denominator = decay * denominator + 1;
      assertThat(average).isCloseTo(numerator / denominator, within(1e-12));
    }
  }

  @Test void no_decay_is_a_reset_to_the_trained_weights() {
    assertThat(new AnchorAverage(0).share(1)).isEqualTo(1);
    assertThat(new AnchorAverage(0).share(99)).isEqualTo(1);
  }

  /** The centre of mass 1/(1 − b) = 9 becomes 36 for a quarter of the batch. */
  @Test void a_divided_batch_keeps_the_age_of_the_anchor_in_samples() {
    AnchorAverage whole = new AnchorAverage(1 - 1.0 / 9);
    assertThat(1 / (1 - whole.dividedBatch(4).decay())).isCloseTo(36, within(1e-9));
  }

  @Test void a_decay_of_one_is_refused_by_name() {
    assertThatThrownBy(() -> new AnchorAverage(1)).hasMessageContaining("ewma-decay");
  }
}
