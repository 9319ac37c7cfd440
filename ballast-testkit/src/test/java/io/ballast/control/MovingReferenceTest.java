package io.ballast.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MovingReferenceTest {
  @Test void it_moves_after_every_tau_steps() {
    var schedule = new MovingReference(0.6, 3);
    assertThat(schedule.dueAfter(0)).isFalse();
    assertThat(schedule.dueAfter(2)).isFalse();
    assertThat(schedule.dueAfter(3)).isTrue();
    assertThat(schedule.dueAfter(6)).isTrue();
    assertThat(schedule.movesBy(8)).isEqualTo(2);
  }

  @Test void weight_zero_leaves_the_reference_and_weight_one_copies() {
    assertThat(new MovingReference(0, 1).blend(0.1, 7)).isEqualTo(0.1);
    assertThat(new MovingReference(1, 1).blend(0.1, 7)).isEqualTo(7);
    assertThat(MovingReference.PUBLISHED.blend(1, 2)).isCloseTo(1.6, within(1e-15));
  }

  /** a = 0.6: the gap of 1 is 0.4, 0.16, 0.064 … of itself. */
  @Test void the_gap_shrinks_by_one_minus_a_each_time() {
    double reference = 0;
    for (int n = 0; n < 5; n++) reference = MovingReference.PUBLISHED.blend(reference, 1);
    assertThat(1 - reference).isCloseTo(Math.pow(0.4, 5), within(1e-15));
  }

  @Test void nonsense_is_refused() {
    assertThatThrownBy(() -> new MovingReference(1.2, 1)).hasMessageContaining("a must be in [0.0, 1.0]");
    assertThatThrownBy(() -> new MovingReference(0.5, 0)).hasMessageContaining("tau");
  }
}
