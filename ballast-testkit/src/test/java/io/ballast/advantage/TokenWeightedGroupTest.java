package io.ballast.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.testkit.EstimatorKit;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenWeightedGroupTest extends EstimatorKit {
  @Override protected AdvantageEstimator estimator() {
    return new TokenWeightedGroup(5);
  }

  /** With answers of one length, statistics over tokens are those over answers, by the population deviation. */
  @Test void with_equal_lengths_it_is_the_group_score_up_to_the_divisor() {
    var rewards = new Rewards(new int[4], new double[] {1, 0, 0, 1}, new int[] {0, 2, 4, 6, 8}, Map.of(), Map.of());
    assertThat(new TokenWeightedGroup(5).estimate(rewards)).containsExactly(new double[] {1, 1, -1, -1, -1, -1, 1, 1}, within(1e-5));
  }
}
