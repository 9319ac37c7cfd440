package io.ballast.advantage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.testkit.EstimatorKit;
import org.junit.jupiter.api.Test;

class ShiftedGroupMeanTest extends EstimatorKit {
  @Override protected AdvantageEstimator estimator() {
    return new ShiftedGroupMean(-0.1);
  }

  @Test void without_a_shift_it_is_the_reward_minus_the_group_mean() {
    Rewards rewards = random(4);
    assertThat(new ShiftedGroupMean(0).estimate(rewards)).isEqualTo(new GroupNormalised(GroupNormalised.Scale.NONE, 0).estimate(rewards));
  }
}
