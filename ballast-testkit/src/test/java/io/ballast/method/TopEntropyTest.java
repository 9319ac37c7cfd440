package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopEntropyTest extends ObjectiveKit {
  @Override protected String method() {
    return "top-entropy";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("top-entropy", 0.5, "entropy-coefficient", 0.1),
        Map.of("top-entropy", 1));
  }

  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  /**
   * H = (0.1, 0.4, 0.2, 0.3), fraction 0.5: position 0.5 · 3 = 1.5 of (0.1, 0.2, 0.3, 0.4) is τ = 0.25, so tokens 1 and 3 stay.
   * A = 1, x = 1: dL/dlogp = −1/4 on those two, 0 on the others; the denominator is still 4.
   */
  @Test void four_tokens_by_hand() {
    TokenBatch batch = Batches.ratios(new double[][] {{1, 1, 1, 1}}, 1).withColumn(Column.ENTROPY, new double[] {0.1, 0.4, 0.2, 0.3});
    Evaluation result = objective(Map.of("top-entropy", 0.5)).evaluate(batch);
    assertThat(result.dlogp()).containsExactly(new double[] {0, -0.25, 0, -0.25}, within(1e-15));
    assertThat(result.metrics().get("entropy-threshold").value()).isCloseTo(0.25, within(1e-15));
  }

  @Test void a_fraction_of_one_is_dapo_and_of_zero_keeps_the_maximum() {
    TokenBatch batch = Batches.random(3);
    double[] dapo = Methods.named("dapo").assemble(Map.of()).objective().evaluate(batch).dlogp();
    assertThat(objective(Map.of("top-entropy", 1)).evaluate(batch).dlogp()).isEqualTo(dapo);
    double[] least = objective(Map.of("top-entropy", 0)).evaluate(batch).dlogp();
    assertThat(least).satisfies(g -> assertThat(Arrays.stream(g).filter(x -> x != 0).count()).isLessThanOrEqualTo(1));
  }
}
