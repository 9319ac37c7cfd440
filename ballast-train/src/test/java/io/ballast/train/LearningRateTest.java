package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.config.Recipe.Decay;
import org.junit.jupiter.api.Test;

class LearningRateTest {

  @Test void it_warms_up_along_a_line_and_is_full_at_the_last_warm_up_step() {
    var rate = new LearningRate(1e-3, 10, Decay.CONSTANT, 0.1, 100);
    assertThat(rate.at(1)).isEqualTo(1e-4, within(1e-18));
    assertThat(rate.at(10)).isEqualTo(1e-3);
    assertThat(rate.at(100)).isEqualTo(1e-3);
  }

  @Test void a_line_and_half_a_cosine_end_at_the_final_share() {
    assertThat(new LearningRate(1, 0, Decay.LINEAR, 0.1, 10).at(10)).isEqualTo(0.1, within(1e-12));
    assertThat(new LearningRate(1, 0, Decay.COSINE, 0.1, 10).at(10)).isEqualTo(0.1, within(1e-12));
    assertThat(new LearningRate(1, 0, Decay.COSINE, 0.1, 10).at(5)).isEqualTo(0.55, within(1e-12)); // 0.1 + 0.9 · ½ (1 + cos ½π)
    assertThat(new LearningRate(1, 0, Decay.LINEAR, 0.1, 10).at(5)).isEqualTo(0.55, within(1e-12));
  }
}
