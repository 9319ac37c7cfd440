package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GrpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "grpo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("kl-coefficient", 0.04),
        Map.of("kl-coefficient", 0.04, "kl-estimator", "k2"));
  }

  /**
   * Two answers, ε = 0.2, weights 1/(2·2) and 1/(2·1).
   * Answer 1, A = 1: x = 1.1 is inside, slope 1.1; x = 1.3 > 1.2 is clipped, value 1.2, slope 0.
   * Answer 2, A = −2: x = 0.7 < 0.8 is clipped, value 0.8 · −2 = −1.6, slope 0.
   * L = −(1.1 + 1.2)/4 + 1.6/2 = −0.575 + 0.8 = 0.225;  dL/dlogp = (−1.1/4, 0, 0).
   */
  @Test void three_tokens_by_hand() {
    Evaluation result = objective(Map.of()).evaluate(Batches.ratios(new double[][] {{1.1, 1.3}, {0.7}}, 1, -2));
    assertThat(result.loss()).isCloseTo(0.225, within(1e-12));
    assertThat(result.dlogp()).containsExactly(new double[] {-0.275, 0, 0}, within(1e-12));
    assertThat(result.metrics().get("clipped-fraction").value()).isCloseTo(2 / 3.0, within(1e-15));
  }

  @Test void is_dapo_with_equal_bounds_and_another_mean() {
    TokenBatch batch = Batches.random(5);
    Map<String, Object> dapo = Map.of("clip-high", 0.2, "aggregation", "seq-mean-token-mean");
    assertThat(Methods.named("dapo").assemble(dapo).objective().evaluate(batch)).usingRecursiveComparison()
        .isEqualTo(objective(Map.of()).evaluate(batch));
  }
}
