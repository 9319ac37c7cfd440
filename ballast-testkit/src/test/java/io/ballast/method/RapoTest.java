package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RapoTest extends ObjectiveKit {
  @Override protected String method() {
    return "rapo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of("alpha", 0, "entropy-coefficient", 0), Map.of("alpha", 0.5), Map.of("alpha", 0.5, "reference", "tilted"));
  }

  /** R = 0.8 of [0, 1], ref −1: ln π̂ = −0.8; logp −1.2: ln z = 0.4, z = 1.491825, k = 0.104905; dJ = A r + α z ln z, α = 1, A = 0. */
  @Test void a_token_by_hand() {
    TokenBatch batch = Hand.tokens(new double[] {-1.2}, new double[] {-1.2}, new double[] {0})
        .withColumn(Column.REWARD, new double[] {0.8}).withColumn(Column.REF_LOGP, new double[] {-1}).withColumn(Column.ENTROPY, new double[] {1});
    Evaluation result = Hand.evaluate("rapo", Map.of("alpha", 1, "entropy-coefficient", 0), batch);
    assertThat(result.loss()).isCloseTo(0.1049052, within(1e-6));
    assertThat(-result.dlogp()[0]).isCloseTo(0.4 * Math.exp(0.4), near());
  }

  /** Where the reference is the policy and the answer the best there is, nothing pulls. */
  @Test void a_perfect_answer_under_the_reference_itself_is_left_alone() {
    TokenBatch batch = Hand.tokens(new double[] {-1.2}, new double[] {-1.2}, new double[] {0})
        .withColumn(Column.REWARD, new double[] {1}).withColumn(Column.REF_LOGP, new double[] {-1.2}).withColumn(Column.ENTROPY, new double[] {1});
    assertThat(Hand.evaluate("rapo", Map.of("alpha", 1), batch).dlogp()[0]).isZero();
  }
}
