package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DrGrpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "dr-grpo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("max-length", 40));
  }

  /** One answer of 2 tokens, L = 10: weight 1/(1·10). A = 1, x = 1.1 and 0.5, both unclipped: L = −1.6/10. */
  @Test void two_tokens_by_hand() {
    Evaluation result = objective(Map.of("max-length", 10)).evaluate(Batches.ratios(new double[][] {{1.1, 0.5}}, 1));
    assertThat(result.loss()).isCloseTo(-0.16, within(1e-12));
    assertThat(result.dlogp()).containsExactly(new double[] {-0.11, -0.05}, within(1e-12));
  }
}
