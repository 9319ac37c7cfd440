package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DmpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "dmpo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of(), Map.of("alpha", 0.5, "lambda", 5));
  }

  /** Answers share their normaliser, so the function that is differentiated is the one of the whole step. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    return objective.evaluate(moved).loss();
  }

  /**
   * R = 1, 1, 0, 0, φ = −.5, −.9, −.6, −.7: p = .5, .5, 0, 0, q = .2946, .1975, .2666, .2412, L = 0.065736 (λ = 1);
   * dL/dφ = −.031583, −.030763, .034337, .028009; answers of one token, A = 0.
   */
  @Test void a_group_by_hand() {
    TokenBatch batch = Hand.answers(new double[] {-0.5, -0.9, -0.6, -0.7}, new double[4]).withColumn(Column.REWARD, new double[] {1, 1, 0, 0});
    Evaluation result = Hand.evaluate("dmpo", Map.of("lambda", 1), batch);
    assertThat(result.loss()).isCloseTo(0.065736, within(1e-6));
    assertThat(result.dlogp()).containsExactly(new double[] {-0.031583, -0.030763, 0.034337, 0.028009}, within(1e-6));
  }

  /** Equal rewards still pull: likelihoods are made equal. */
  @Test void equal_rewards_make_likelihoods_equal() {
    TokenBatch batch = Hand.answers(new double[] {-0.5, -2}, new double[2]).withColumn(Column.REWARD, new double[] {1, 1});
    double[] dlogp = Hand.evaluate("dmpo", Map.of(), batch).dlogp();
    assertThat(dlogp[0]).isPositive();
    assertThat(dlogp[1]).isNegative();
  }
}
