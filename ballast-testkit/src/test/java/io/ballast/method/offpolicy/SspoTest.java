package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SspoTest extends ObjectiveKit {
  @Override protected String method() {
    return "sspo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("clip-low", 0.1, "clip-high", 0.2, "a", 0.9, "aggregation", "token-mean"),
        Map.of("clip-low", 0.3, "clip-high", 0.4, "ratio", "product"));
  }

  /** One sentence of ratios e^0.1 and e^0.2, wide bounds: the product e^0.3 stands in both tokens' term, and each token moves both. */
  @Test void a_product_is_the_ratio_of_the_whole_sentence_by_hand() {
    var batch = Cases.one(new double[] {-0.9, -0.8}, new double[] {-1, -1}, 1)
        .withColumn("entropy", new double[] {1, 1}).withColumn("sentence", new double[] {0, 0});
    Evaluation result = objective(Map.of("base-lo", 0.9, "base-hi", 9, "ratio", "product")).evaluate(batch);
    assertThat(result.loss()).isCloseTo(-Math.exp(0.3), within(1e-12));
    assertThat(result.dlogp()).containsExactly(new double[] {-Math.exp(0.3), -Math.exp(0.3)}, within(1e-12));
  }

  /**
   * Two sentences with mean entropies 0.5 and 1.5: z = −1 and 1, so with scale 0.5 the bounds are 1 ± 0.05 and 1 ± 0.15 around 0.1.
   * Ratios exp(0.1) = 1.105: above 1.05 in the sure sentence, inside 1.15 in the other; A = 1.
   */
  @Test void a_sure_sentence_has_the_narrower_band_by_hand() {
    var batch = Cases.one(new double[] {-0.9, -0.9, -0.9}, new double[] {-1, -1, -1}, 1)
        .withColumn("entropy", new double[] {0.4, 0.6, 1.5}).withColumn("sentence", new double[] {0, 0, 1});
    Evaluation result = objective(Map.of("clip-low", 0.1, "clip-high", 0.1)).evaluate(batch);
    assertThat(result.dlogp()).containsExactly(new double[] {0, 0, -Math.exp(0.1) / 3}, within(1e-12));
  }
}
