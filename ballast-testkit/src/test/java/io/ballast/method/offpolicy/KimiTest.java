package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KimiTest extends ObjectiveKit {
  @Override protected String method() {
    return "kimi-k1.5";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("level", "token", "tau", 0.5, "aggregation", "token-mean"));
  }

  /** Both answers drifted by 1 nat against the sampler with A = −1: the mask takes the squared log-ratio with the policy term. */
  @Test void the_masks_take_the_penalty_with_the_policy_term() {
    var batch = Cases.one(new double[] {-2, -2}, new double[] {-1, -1}, -1).withColumn("behaviourLogp", new double[] {-1, -1});
    for (String level : List.of("sequence", "token")) {
      assertThat(objective(Map.of("level", level, "off-policy-mask", 0.5)).evaluate(batch).dlogp()).containsExactly(0, 0);
    }
  }

  /** Drifts (0.1, 0.3), A = 2, τ = 0.5: sequence 2 − 0.5 · 0.4 = 1.8 for both tokens; token 2 − 0.05 and 2 − 0.15. */
  @Test void two_tokens_by_hand() {
    var batch = Cases.one(new double[] {-0.9, -0.7}, new double[] {-1, -1}, 2);
    assertThat(objective(Map.of("tau", 0.5)).evaluate(batch).dlogp()).containsExactly(new double[] {-1.8, -1.8}, within(1e-12));
    assertThat(objective(Map.of("tau", 0.5, "level", "token")).evaluate(batch).dlogp()).containsExactly(new double[] {-1.95, -1.85}, within(1e-12));
    assertThat(objective(Map.of("tau", 0.5)).evaluate(batch).loss()).as("−(2 · −1.6 − 0.25 · 0.16)").isCloseTo(3.24, within(1e-12));
  }
}
