package io.ballast.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Column;
import io.ballast.objective.MissingColumnException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WhitenedResidualTest {
  private static final double[] REWARD = {1, 0, 2};
  private static final int[] OFFSETS = {0, 1, 3, 3};

  /** Values at the last tokens 0.5 and 0.3, the third answer is empty: residuals 0.5, −0.3; mean 0.1, deviation 0.8/√2: ±1/√2. */
  @Test void residuals_by_hand() {
    Map<String, double[]> columns = Map.of(Column.OLD_VALUE, new double[] {0.5, 9, 0.3});
    double half = 1 / Math.sqrt(2);
    assertThat(new WhitenedResidual(true).estimate(new Rewards(new int[3], REWARD, OFFSETS, Map.of(), columns)))
        .containsExactly(new double[] {half, -half, -half}, within(1e-7));
  }

  @Test void without_a_critic_the_reward_itself_is_whitened() {
    double half = 1 / Math.sqrt(2);
    assertThat(new WhitenedResidual(false).estimate(new Rewards(new int[3], REWARD, OFFSETS, Map.of(), Map.of())))
        .containsExactly(new double[] {half, -half, -half}, within(1e-7));
  }

  @Test void a_missing_critic_is_refused_by_name() {
    assertThatThrownBy(() -> new WhitenedResidual(true).estimate(new Rewards(new int[3], REWARD, OFFSETS, Map.of(), Map.of())))
        .isInstanceOf(MissingColumnException.class).hasMessageContaining("oldValue");
  }
}
