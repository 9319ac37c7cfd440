package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LuspoTest extends ObjectiveKit {
  @Override protected String method() {
    return "luspo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of("clip-low", 0.05, "clip-high", 0.06),
        Map.of());
  }

  @Override protected double kinkyShare() {
    return 0.2;
  }

  @Test void it_is_gspo_with_a_sum_over_tokens_and_a_dropped_token_has_no_gradient() {
    TokenBatch batch = Batches.random(3, 10, 9, 0.3);
    for (Map<String, Object> mask : List.<Map<String, Object>>of(Map.of(), Map.of("top-entropy", 0.3))) {
      Map<String, Object> gspo = new HashMap<>(mask);
      gspo.putAll(Map.of("clip-low", 0.002, "clip-high", 0.0025, "aggregation", "seq-mean-token-sum"));
      double[] expected = Methods.named("gspo").assemble(gspo).objective().evaluate(batch).dlogp();
      assertThat(objective(mask).evaluate(batch).dlogp()).containsExactly(expected, within(1e-15));
    }
  }

  /**
   * One answer, ratios 1.1 and 1.0: s = √1.1 = 1.0488. Bounds [0.9, 1.1], A = 1: unclipped. J = n s A = 2 s, S = 1:
   * L = −2 s and every token has dL/dlogp = −s, its length cancelled.
   */
  @Test void two_tokens_by_hand() {
    double s = Math.sqrt(1.1);
    Evaluation result = objective(Map.of("clip-low", 0.1, "clip-high", 0.1)).evaluate(Batches.ratios(new double[][] {{1.1, 1.0}}, 1));
    assertThat(result.loss()).isCloseTo(-2 * s, within(1e-12));
    assertThat(result.dlogp()).containsExactly(new double[] {-s, -s}, within(1e-12));
  }
}
