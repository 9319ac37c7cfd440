package io.ballast.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Column;
import io.ballast.testkit.EstimatorKit;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenGaeTest extends EstimatorKit {
  @Override protected AdvantageEstimator estimator() {
    return new TokenGae(0.99, 0.95, 0.1, true);
  }

  @Override protected boolean wholeAnswers() {
    return false;
  }

  @Test void lambda_one_without_discount_is_reward_minus_value() {
    var rewards = new Rewards(new int[1], new double[] {1}, new int[] {0, 3}, Map.of(), Map.of(Column.VALUE, new double[] {0.5, 0.4, 0.6}));
    assertThat(new TokenGae(1, 1, 0, false).estimate(rewards)).containsExactly(new double[] {0.5, 0.6, 0.4}, within(1e-12));
  }
}
