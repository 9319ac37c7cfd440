package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MdpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "mdpo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of(), Map.of("t", 0.5, "anneal-steps", 7), Map.of("kl", "exact", "anneal-steps", 3, "aggregation", "seq-mean-token-mean"));
  }

  /** t = 1: J = r − (r ln r − r + 1), slope r (1 − ln r). r = ½: 0.5 − (−0.3466 + 0.5) = 0.3466, 0.5·1.6931 = 0.8466. */
  @Test void tokens_by_hand() {
    Hand.expect("mdpo", Map.of(), 0.5, 1, 0.3466, 0.8466);
    Hand.expect("mdpo", Map.of(), 1, 1, 1, 1);
    Hand.expect("mdpo", Map.of(), 1.5, 1, 1.3918, 0.8918);
    Hand.expect("mdpo", Map.of(), Math.E, 1, 1.7183, 0);
  }

  @Test void the_masks_take_the_divergence_from_the_old_policy_with_the_policy_term() {
    TokenBatch batch = Hand.token(0.5, -1);
    assertThat(objective(Map.of("off-policy-mask", 0.5)).evaluate(batch).dlogp()).containsExactly(0);
    assertThat(objective(Map.of("off-policy-mask", 0.8)).evaluate(batch).dlogp()[0]).isNotZero();
  }

  /** K = 4, floor 0.3: t = 1, 0.75, 0.5, then 0.3 instead of 0.25 and 0. */
  @Test void the_step_size_falls_in_a_straight_line_to_its_floor() {
    TokenBatch batch = Hand.token(1.1, 1);
    Objective objective = objective(Map.of("anneal-steps", 4, "t-min", 0.3));
    for (double t : new double[] {1, 0.75, 0.5, 0.3, 0.3, 0.3}) {
      var result = objective.evaluate(batch);
      assertThat(result.metrics().get("step-size").value()).isCloseTo(t, near());
      objective = objective.next(batch, result);
    }
  }
}
