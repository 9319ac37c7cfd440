package io.ballast.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MovingReferenceTest {
  @Test void it_moves_with_every_tau_th_step() {
    var schedule = new MovingReference(0.6, 3, false);
    assertThat(schedule.dueAfter(0)).isFalse();
    assertThat(schedule.dueAfter(2)).isFalse();
    assertThat(schedule.dueAfter(3)).isTrue();
    assertThat(schedule.dueAfter(6)).isTrue();
    assertThat(schedule.share(5)).isZero();
    assertThat(schedule.share(6)).isEqualTo(0.6);
    assertThat(schedule.movesBy(8)).isEqualTo(2);
  }

  @Test void the_published_schedules() {
    assertThat(MovingReference.PUBLISHED).isEqualTo(new MovingReference(0.6, 512, false));
    assertThat(MovingReference.HUMANLINE.share(1)).isEqualTo(1);
    assertThat(MovingReference.HUMANLINE.beforeUpdate()).isTrue();
  }

  /** a = 0.6: the gap of 1 is 0.4, 0.16, 0.064 … of itself. */
  @Test void the_gap_shrinks_by_one_minus_a_each_time() {
    double reference = 0;
    for (int n = 1; n <= 5; n++) reference += MovingReference.PUBLISHED.share(512L * n) * (1 - reference);
    assertThat(1 - reference).isCloseTo(Math.pow(0.4, 5), within(1e-15));
  }

  @Test void nonsense_is_refused() {
    assertThatThrownBy(() -> new MovingReference(1.2, 1, false)).hasMessageContaining("a must be in [0.0, 1.0]");
    assertThatThrownBy(() -> new MovingReference(0.5, 0, false)).hasMessageContaining("tau");
  }
}
