package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class R2vpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "r2vpo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of(), Map.of("lambda-0", 2, "delta", 0.04, "eta", 3, "aggregation", "seq-mean-token-mean"));
  }

  /** λ = ½: J = r − ½ (r − 1)², slope r (1 − (r − 1)). r = 1.2: 1.2 − 0.02 = 1.18, 1.2·0.8 = 0.96. r = 2: 2 − ½ = 1.5, 2·0 = 0. */
  @Test void tokens_by_hand() {
    Hand.expect("r2vpo", Map.of("lambda-0", 0.5), 1.2, 1, 1.18, 0.96);
    Hand.expect("r2vpo", Map.of("lambda-0", 0.5), 1.5, 1, 1.375, 0.75);
    Hand.expect("r2vpo", Map.of("lambda-0", 0.5), 2, 1, 1.5, 0);
  }

  /** One token at r = 1.3: variance 0.09. λ: 0.04 + 1·(0.09 − 0.01) = 0.12, then 0.20; on policy 0.20 − 0.01 = 0.19. */
  @Test void the_dual_variable_rises_where_the_constraint_is_broken_and_falls_where_there_is_room() {
    Objective start = objective(Map.of());
    TokenBatch far = Hand.token(1.3, 1), near = Hand.token(1, 1);
    Objective one = start.next(far, start.evaluate(far)), two = one.next(far, one.evaluate(far)), three = two.next(near, two.evaluate(near));
    assertThat(start.memory().get("lambda")).containsExactly(0.04);
    assertThat(one.memory().get("lambda")).containsExactly(new double[] {0.12}, within(1e-12));
    assertThat(two.memory().get("lambda")).containsExactly(new double[] {0.20}, within(1e-12));
    assertThat(three.memory().get("lambda")).containsExactly(new double[] {0.19}, within(1e-12));
    assertThat(two.evaluate(far).loss()).isCloseTo(-(1.3 - 0.20 * 0.09), within(1e-12));
  }

  @Test void the_dual_variable_stays_between_zero_and_its_maximum() {
    TokenBatch wild = Batches.random(3, 10, 9, 2), still = Batches.onPolicy(wild);
    Objective high = objective(Map.of("eta", 1e6)), low = objective(Map.of("eta", 1e6));
    assertThat(high.next(wild, high.evaluate(wild)).memory().get("lambda")).containsExactly(10);
    assertThat(low.next(still, low.evaluate(still)).memory().get("lambda")).containsExactly(0);
  }

  /** With |A| = a for every token, λ = a/(2 eps) is SPO. */
  @Test void a_multiplier_of_advantage_over_twice_eps_is_spo() {
    TokenBatch any = Batches.random(5);
    double[] advantage = new double[any.tokens()];
    for (int t = 0; t < advantage.length; t++) advantage[t] = t % 3 == 0 ? -0.7 : 0.7;
    TokenBatch batch = any.withAdvantage(advantage);
    assertThat(Hand.evaluate("r2vpo", Map.of("lambda-0", 0.7 / 0.4), batch).dlogp())
        .containsExactly(Hand.evaluate("spo-simple", Map.of(), batch).dlogp(), within(1e-15));
  }
}
