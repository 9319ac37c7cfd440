package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdaptiveEntropyTest extends ObjectiveKit {
  @Override protected String method() {
    return "adaptive-entropy";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("variant", "trl", "c-0", 0.1, "delta", 0.05, "h-tgt", 5, "c-max", 1, "aggregation", "seq-mean-token-mean"),
        Map.of("c-0", 0.1, "delta", 0.05, "h-tgt", 5, "c-max", 1));
  }

  /** Two tokens, probabilities e^−h on policy, with that entropy in the column too. */
  private static TokenBatch uncertain(double h) {
    double[] logp = {-h, -h};
    return Hand.tokens(logp, logp.clone(), new double[] {0, 0}).withColumn(Column.ENTROPY, new double[] {h, h});
  }

  private static double coefficient(Objective objective, TokenBatch batch) {
    return objective.evaluate(batch).metrics().get("entropy-coefficient").value();
  }

  /** Target 0.2, step 0.1: off before anything is measured; 0.1 after 0.15 nats; 0.2 after 0.15 again; switched off, and back at 0.1, after 0.3. */
  @Test void the_bonus_grows_below_the_target_and_acts_from_the_next_step_on() {
    for (String variant : List.of("skywork", "trl")) {
      Objective objective = objective(Map.of("variant", variant, "delta", 0.1, "c-max", 1));
      TokenBatch low = uncertain(0.15), high = uncertain(0.3);
      assertThat(coefficient(objective, low)).isZero();
      objective = objective.next(low, objective.evaluate(low));
      assertThat(coefficient(objective, low)).isCloseTo(0.1, near());
      Evaluation acting = objective.evaluate(low);
      assertThat(acting.loss()).isCloseTo(-0.1 * 0.15, near());
      assertThat(acting.gradients().get(Column.ENTROPY)).containsExactly(new double[] {-0.05, -0.05}, near());
      objective = objective.next(low, acting);
      assertThat(coefficient(objective, low)).isCloseTo(0.2, near());
      objective = objective.next(high, objective.evaluate(high));
      assertThat(coefficient(objective, low)).isZero();
      assertThat(objective.memory().get("entropy-coefficient")).containsExactly(new double[] {0.1}, near());
    }
  }

  /** Two tokens of 0.05 and 0.15 nats, the upper half kept: c = 0.1 once measured, so −0.1/2 on the second token alone. */
  @Test void with_a_mask_by_entropy_the_bonus_acts_on_the_tokens_of_the_policy_term() {
    TokenBatch batch = uncertain(0.1).withColumn(Column.ENTROPY, new double[] {0.05, 0.15});
    Objective objective = objective(Map.of("delta", 0.1, "c-max", 1, "top-entropy", 0.5));
    objective = objective.next(batch, objective.evaluate(batch));
    Evaluation acting = objective.evaluate(batch);
    assertThat(acting.gradients().get(Column.ENTROPY)).containsExactly(new double[] {0, -0.05}, near());
    assertThat(acting.loss()).isCloseTo(-0.05 * 0.15, near());
  }

  /** Exactly on target: Skywork's strict test lowers, TRL's raises. */
  @Test void the_variants_differ_on_the_target_itself() {
    TokenBatch batch = uncertain(0.2);
    for (var one : Map.of("skywork", 0.0, "trl", 0.2).entrySet()) {
      Objective start = objective(Map.of("variant", one.getKey(), "c-0", 0.1, "delta", 0.1, "c-max", 1));
      assertThat(start.next(batch, start.evaluate(batch)).memory().get("entropy-coefficient")).containsExactly(new double[] {one.getValue()}, near());
    }
  }

  /** A checkpoint before the first step is text too: no infinity in it, and the bonus is still off after it is restored. */
  @Test void nothing_measured_yet_is_remembered_as_nothing() {
    Objective fresh = objective(Map.of("c-0", 0.1, "c-max", 1));
    assertThat(fresh.memory().get("entropy")).isEmpty();
    assertThat(coefficient(fresh.remembering(fresh.memory()), uncertain(0.1))).isZero();
  }
}
