package io.ballast.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Column;
import io.ballast.testkit.EstimatorKit;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenGaeTest extends EstimatorKit {
  @Override protected AdvantageEstimator estimator() {
    return new TokenGae(0.99, 0.95, 0.1, Whitening.INSIDE);
  }

  @Override protected boolean wholeAnswers() {
    return false;
  }

  /** R = 1, values 0, γ = ½, λ = 1: A = (½, 1), mean ¾, variance 1/8. */
  @Test void whitening_puts_its_epsilon_inside_the_root_or_beside_it_by_hand() {
    var rewards = new Rewards(new int[1], new double[] {1}, new int[] {0, 2}, Map.of(), Map.of(Column.VALUE, new double[2]));
    double inside = 0.25 / Math.sqrt(0.125 + 1e-8), beside = 0.25 / (Math.sqrt(0.125) + 1e-8);
    assertThat(new TokenGae(0.5, 1, 0, Whitening.INSIDE).estimate(rewards)).containsExactly(new double[] {-inside, inside}, within(1e-15));
    assertThat(new TokenGae(0.5, 1, 0, Whitening.BESIDE).estimate(rewards)).containsExactly(new double[] {-beside, beside}, within(1e-15));
  }

  @Test void lambda_one_without_discount_is_reward_minus_value() {
    var rewards = new Rewards(new int[1], new double[] {1}, new int[] {0, 3}, Map.of(), Map.of(Column.VALUE, new double[] {0.5, 0.4, 0.6}));
    assertThat(new TokenGae(1, 1, 0, Whitening.NONE).estimate(rewards)).containsExactly(new double[] {0.5, 0.6, 0.4}, within(1e-12));
  }
}
