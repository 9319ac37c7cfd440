package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TurnPpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "turn-ppo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("aggregation", "token-mean", "dual-clip", 1.3, "kl-coefficient", 0.1));
  }

  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  @Override protected TokenBatch dressed(TokenBatch batch) {
    return Batches.withTokenAdvantages(batch, 5);
  }

  /**
   * old (−1, −2, −0.5), new (−0.98, −2.01, −0.5), turns {0, 1} and {2}, A = (0.5, −0.2, 1): w₁ = exp(0.01/2) = 1.0050125, w₂ = 1;
   * dJ/dlogp = w₁ · 0.15/3 = 0.0502506 on the first turn, 1/3 on the second.
   */
  @Test void three_tokens_by_hand() {
    var batch = Cases.one(new double[] {-0.98, -2.01, -0.5}, new double[] {-1, -2, -0.5}, 1)
        .withAdvantage(new double[] {0.5, -0.2, 1}).withColumn("turn", new double[] {0, 0, 1});
    Evaluation result = objective(Map.of()).evaluate(batch);
    assertThat(result.dlogp()).containsExactly(new double[] {-0.0502506, -0.0502506, -1.0 / 3}, within(1e-7));
  }
}
