package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The clipping-bias correction of S-PPO and ST-PPO: what both do to a step of one turn. */
abstract class BiasCorrectionKit extends ObjectiveKit {
  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("c0", 0.05),
        Map.of("c0", 0.05, "kl-coefficient", 0.1, "aggregation", "token-mean"));
  }

  @Override protected TokenBatch dressed(TokenBatch batch) {
    return Batches.withTokenAdvantages(batch, 5);
  }

  /**
   * One turn of two tokens, ratios 1.5 and 1.5, A = (2, 2): both clipped at 1.2, c = √(2 · (1.5 · 2/2)²) = 2.1213; J = 2.4, divided by c with
   * floor 1. A third of c as floor divides by 3.
   */
  @Test void a_step_dominated_by_clipped_tokens_shrinks_by_hand() {
    double[] old = {-2, -2}, logp = {-2 + Math.log(1.5), -2 + Math.log(1.5)};
    var batch = Cases.one(logp, old, 2).withColumn("turn", new double[] {0, 0});
    double c = Math.sqrt(2 * 1.5 * 1.5);
    assertThat(objective(Map.of()).evaluate(batch).loss()).isCloseTo(-2.4 / c, within(1e-12));
    assertThat(objective(Map.of("c0", c / 3)).evaluate(batch).loss()).isCloseTo(-0.8, within(1e-12));
    assertThat(objective(Map.of("c0", 10)).evaluate(batch).loss()).isCloseTo(-2.4, within(1e-12));
  }
}
