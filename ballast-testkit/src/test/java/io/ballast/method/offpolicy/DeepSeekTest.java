package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeepSeekTest extends ObjectiveKit {
  @Override protected String method() {
    return "deepseek-v3.2";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("off-policy-mask", 0.02, "kl-coefficient", 0.1));
  }

  /** logp −0.9, old −1, reference −1.3: d = −0.4; ρ (e^d − d − 1) has the gradient ρ · 0.4 = 0.442068, plain k3 1 − e^d = 0.329680. */
  @Test void unbiased_kl_by_hand() {
    var batch = Cases.one(new double[] {-0.9}, new double[] {-1}, 0).withColumn("refLogp", new double[] {-1.3});
    assertThat(objective(Map.of("kl-coefficient", 1)).evaluate(batch).dlogp()[0]).isCloseTo(0.442068, within(1e-6));
    assertThat(objective(Map.of("kl-coefficient", 1, "kl-estimator", "k3")).evaluate(batch).dlogp()[0]).isCloseTo(0.329680, within(1e-6));
  }

  /** Drift 0.6 nats a token on a negative answer: the policy term goes, its KL stays; with advantages of both signs the mean decides. */
  @Test void a_drifted_negative_answer_is_dropped_whole() {
    var batch = Cases.one(new double[] {-1.6, -1.6}, new double[] {-1.6, -1.6}, -1).withColumn("behaviourLogp", new double[] {-1, -1});
    assertThat(objective(Map.of()).evaluate(batch).dlogp()).containsExactly(0, 0);
    assertThat(objective(Map.of()).evaluate(batch.withAdvantage(new double[] {1, -3})).dlogp()).containsExactly(0, 0);
    assertThat(objective(Map.of()).evaluate(batch.withAdvantage(new double[] {3, -1})).dlogp()).containsExactly(-1.5, 0.5);
    assertThat(objective(Map.of("off-policy-mask", 0.7)).evaluate(batch).dlogp()).containsExactly(0.5, 0.5);
  }
}
