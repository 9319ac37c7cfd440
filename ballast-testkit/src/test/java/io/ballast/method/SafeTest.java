package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.control.SafeControl;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.soft.SoftMinCritic;
import io.ballast.testkit.ObjectiveKit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SafeTest extends ObjectiveKit {
  @Override protected String method() {
    return "safe";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of("value-coefficient", 0),
        Map.of("kl-threshold", 0.01),
        Map.of("penalty", "constant", "kl-threshold", 0.01, "clip-high", 0.3));
  }

  @Test void the_soft_minimum_by_hand() {
    assertThat(SoftMinCritic.softMin(1, 1, 0.3)).isCloseTo(1, within(1e-15));
    assertThat(SoftMinCritic.softMin(1, 2, 0.3)).isCloseTo(1.1974, within(5e-5));
    assertThat(SoftMinCritic.softMin(0, 3, 0.3)).isCloseTo(0.2079, within(5e-5));
    assertThat(SoftMinCritic.softMin(1, 2, 1e-3)).isCloseTo(1, within(1e-3));
    assertThat(SoftMinCritic.softMin(1, 2, 1e4)).isCloseTo(1.5, within(1e-4));
  }

  /** kl 10 at once: kl_s = 1. Warm-up: thr = 0.3·1.5 = 0.45. H = 0.1: gate 10. β = 0.2·0.55·10 = 1.1, penalty 0.1·0.3025·10 = 0.3025. */
  @Test void the_first_observation_by_hand() {
    SafeControl control = SafeControl.start(0.3).after(10, 0.5, 0.1);
    assertThat(control.threshold()).isCloseTo(0.45, near());
    assertThat(control.coefficient()).isCloseTo(1.1, near());
    assertThat(control.penalty()).isCloseTo(0.3025, near());
  }

  /** Rewards 0 then 1: ema 0.05, e = 0.049, I = 0.049, out = 0.3·0.049 + 0.01·0.049 + 0.05·0.049 = 0.01764; thr = 0.31764·1.5. */
  @Test void the_velocity_by_hand() {
    SafeControl control = SafeControl.start(0.3).after(0, 0, 1).after(0, 1, 1);
    assertThat(control.threshold()).isCloseTo(0.31764 * 1.5, near());
  }

  @Test void the_phase_follows_the_rewards() {
    SafeControl flatHigh = SafeControl.start(0.3), flatLow = flatHigh, climbing = flatHigh;
    for (int step = 0; step < 100; step++) {
      flatHigh = flatHigh.after(0, 0.9, 1);
      flatLow = flatLow.after(0, 0.2, 1);
      climbing = climbing.after(0, step / 100.0, 1);
    }
    assertThat(multiplier(flatHigh)).isCloseTo(1.0, within(1e-9));
    assertThat(multiplier(flatLow)).isCloseTo(0.8, within(1e-9));
    assertThat(multiplier(climbing)).isCloseTo(1.2, within(1e-9));
  }

  private static double multiplier(SafeControl control) {
    return control.threshold() / (0.3 + control.velocity().out());
  }

  @Test void the_official_penalty_has_no_gradient_and_the_repair_has() {
    TokenBatch batch = batches().getFirst();
    Map<String, Object> settings = Map.of("value-coefficient", 0, "entropy-coefficient", 0);
    double[] far = batch.logp().clone();
    for (int t = 0; t < far.length; t++) far[t] -= 30;
    TokenBatch drifted = batch.withColumn(Column.REF_LOGP, far);
    Evaluation ppo = Hand.evaluate("ppo", Map.of(), drifted);
    Evaluation constant = Hand.evaluate("safe", with(settings, "penalty", "constant"), drifted), repaired = Hand.evaluate("safe", settings, drifted);
    assertThat(constant.dlogp()).containsExactly(ppo.dlogp(), near());
    assertThat(constant.loss()).isGreaterThan(ppo.loss());
    assertThat(repaired.dlogp()[0]).isNotCloseTo(ppo.dlogp()[0], within(1e-6));
  }

  private static Map<String, Object> with(Map<String, Object> settings, String name, Object value) {
    Map<String, Object> more = new HashMap<>(settings);
    more.put(name, value);
    return more;
  }

  /** a 0.3, v = (1, 1), V_old = 0.5, R = 0: V = 1, V_c = 0.7; huber 0.5·(1 − 0.25) = 0.375 and 0.5·(0.7 − 0.25) = 0.225; ½·0.6 = 0.3, times ½. dV: only V's branch, ½·½·0.5 shared. */
  @Test void the_critics_loss_by_hand() {
    TokenBatch batch = Hand.token(1, 0).withColumn(Column.VALUE, new double[] {1}).withColumn(Column.SECOND_VALUE, new double[] {1})
        .withColumn(Column.OLD_VALUE, new double[] {0.5}).withColumn(Column.RETURNS, new double[] {0});
    Evaluation result = new SoftMinCritic(0.3, 0.2, 0.5, 0.5).evaluate(batch);
    assertThat(result.loss()).isCloseTo(0.15, near());
    assertThat(result.gradients().get(Column.VALUE)).containsExactly(new double[] {0.0625}, near());
    assertThat(result.gradients().get(Column.SECOND_VALUE)).containsExactly(new double[] {0.0625}, near());
  }
}
