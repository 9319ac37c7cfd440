package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CispoTest extends ObjectiveKit {
  @Override protected String method() {
    return "cispo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of());
  }

  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    return Surrogates.loss(aggregation(objective), base, moved, (then, now, t) -> Math.min(then.ratio(t), 5) * now.advantage()[t] * now.logp()[t]);
  }

  /** Cap 1 + 4 = 5. x = 7 has weight 5, x = 0.5 its own: dL/dlogp = −(5 · 2, 0.5 · 2)/2 with A = 2. */
  @Test void two_tokens_by_hand() {
    Evaluation result = objective(Map.of()).evaluate(Batches.ratios(new double[][] {{7, 0.5}}, 2));
    assertThat(result.dlogp()).containsExactly(new double[] {-5, -0.5}, within(1e-12));
    // J = w A logp with logp = −1 + ln x: (5 · 2 · (−1 + ln 7) + 0.5 · 2 · (−1 + ln 0.5)) / 2
    double value = (10 * (-1 + Math.log(7)) + (-1 + Math.log(0.5))) / 2;
    assertThat(result.loss()).isCloseTo(-value, within(1e-12));
    assertThat(result.metrics().get("clip-high").value()).isEqualTo(5);
    assertThat(result.metrics().get("clip-low").value()).isEqualTo(0);
  }

  @Test void at_ratio_one_it_is_the_policy_gradient() {
    TokenBatch batch = Batches.onPolicy(Batches.random(4));
    Map<String, Object> mean = Map.of("aggregation", "token-mean");
    assertThat(objective(Map.of()).evaluate(batch).dlogp())
        .isEqualTo(Methods.named("reinforce").assemble(mean).objective().evaluate(batch).dlogp());
  }

  @Test void with_the_ppo_mask_it_silences_what_ppo_silences() {
    TokenBatch batch = Batches.random(6);
    double[] masked = objective(Map.of("mask-low", 0.2, "mask-high", 0.2)).evaluate(batch).dlogp();
    double[] ppo = Methods.named("ppo").assemble(Map.of()).objective().evaluate(batch).dlogp();
    for (int t = 0; t < ppo.length; t++) assertThat(masked[t] == 0).isEqualTo(ppo[t] == 0);
  }
}
