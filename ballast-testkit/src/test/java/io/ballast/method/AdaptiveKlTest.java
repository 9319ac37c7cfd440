package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.control.AdaptiveKl;
import io.ballast.control.AdaptiveKl.Against;
import io.ballast.control.AdaptiveKl.Rule;
import io.ballast.control.AdaptiveKl.Unit;
import io.ballast.control.KlLearningRate;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdaptiveKlTest extends ObjectiveKit {
  @Override protected String method() {
    return "adaptive-kl";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of("kl-coefficient", 0.2, "horizon", 10),
        Map.of("kl-coefficient", 0.2, "against", "old", "rule", "doubling"),
        Map.of("kl-coefficient", 0.2, "unit", "sequence", "target", 6, "kl-estimator", "k2", "horizon", 20));
  }

  /** The penalty is part of the method. */
  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  /** β 0.2, target 6, n 256, horizon 10,000: KL 3 gives e = −0.2 and β (1 − 0.2·0.0256) = 0.198976; 6 nothing; 9 and 60 0.201024. */
  @Test void the_proportional_rule_by_hand() {
    var control = new AdaptiveKl(0.2, Rule.PROPORTIONAL, Unit.SEQUENCE, Against.REFERENCE, 6, 10_000);
    assertThat(control.after(3, 256).beta()).isCloseTo(0.198976, within(1e-12));
    assertThat(control.after(6, 256).beta()).isEqualTo(0.2);
    assertThat(control.after(9, 256).beta()).isCloseTo(0.201024, within(1e-12));
    assertThat(control.after(60, 256).beta()).isCloseTo(0.201024, within(1e-12));
  }

  /** Target 0.03: below 0.02 β halves, above 0.045 it doubles. */
  @Test void the_doubling_rule_by_hand() {
    var control = new AdaptiveKl(1, Rule.DOUBLING, Unit.TOKEN, Against.OLD, 0.03, 1);
    assertThat(control.after(0.019, 9).beta()).isEqualTo(0.5);
    assertThat(control.after(0.03, 9).beta()).isEqualTo(1);
    assertThat(control.after(0.046, 9).beta()).isEqualTo(2);
  }

  @Test void beta_stays_above_zero_for_ever() {
    var control = new AdaptiveKl(1e-3, Rule.DOUBLING, Unit.TOKEN, Against.OLD, 0.03, 1);
    for (int step = 0; step < 3000; step++) control = control.after(0, 1);
    assertThat(control.beta()).isPositive();
  }

  /** One sequence of two tokens, 0.3 and 0.5 above the reference: 0.4 a token, 0.8 a sequence. */
  @Test void the_unit_is_what_it_says() {
    TokenBatch batch = Hand.tokens(new double[] {-1, -1}, new double[] {-1, -1}, new double[2]).withColumn("refLogp", new double[] {-1.3, -1.5});
    for (var one : Map.of("token", 0.4, "sequence", 0.8).entrySet()) {
      Objective start = objective(Map.of("kl-coefficient", 1, "unit", one.getKey(), "target", one.getValue() / 1.1, "horizon", 1));
      assertThat(start.next(batch, start.evaluate(batch)).memory().get("kl-coefficient")).containsExactly(new double[] {1.1}, near());
    }
  }

  /** Desired 0.01: above 0.02 the rate is divided by 1.5 (not below 1e-5), below 0.005 it is multiplied (not above 1e-2). */
  @Test void the_learning_rate_rule_by_hand() {
    assertThat(KlLearningRate.published(3e-4).after(0.021).rate()).isCloseTo(2e-4, within(1e-18));
    assertThat(KlLearningRate.published(3e-4).after(0.01).rate()).isEqualTo(3e-4);
    assertThat(KlLearningRate.published(3e-4).after(0.004).rate()).isCloseTo(4.5e-4, within(1e-18));
    assertThat(KlLearningRate.published(1.2e-5).after(1).rate()).isEqualTo(1e-5);
    assertThat(KlLearningRate.published(9e-3).after(0).rate()).isEqualTo(1e-2);
  }
}
