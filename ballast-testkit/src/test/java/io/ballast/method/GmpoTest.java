package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GmpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "gmpo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("clip-low", 0.1, "clip-high", 0.1, "kl-coefficient", 0.1),
        Map.of("top-entropy", 0.5));
  }

  /**
   * A = 1, d = (0.6, −0.2): c = (0.4, −0.2), x = e^0.1. J = x, L = −e^0.1.
   * ∂/∂logp: the first token is clipped, 0; the second has −x/2.
   */
  @Test void two_tokens_by_hand() {
    double[][] ratios = {{Math.exp(0.6), Math.exp(-0.2)}};
    Evaluation result = objective(Map.of()).evaluate(Batches.ratios(ratios, 1));
    assertThat(result.loss()).isCloseTo(-Math.exp(0.1), within(1e-12));
    assertThat(result.dlogp()).containsExactly(new double[] {0, -Math.exp(0.1) / 2}, within(1e-12));
    assertThat(result.metrics().get("clipped-fraction").value()).isEqualTo(0.5);
    assertThat(result.metrics().get("clip-high").value()).isCloseTo(1.4918, within(1e-4));
  }

  /** Top-entropy drops tokens from the sum and from the count: of d = (0.2, 0.1, 0.3) the first two stay, x = e^0.15. */
  @Test void top_entropy_shortens_the_mean() {
    double[][] ratios = {{Math.exp(0.2), Math.exp(0.1), Math.exp(0.3)}};
    TokenBatch batch = Batches.ratios(ratios, 1).withColumn(Column.ENTROPY, new double[] {2, 3, 1});
    Evaluation result = objective(Map.of("top-entropy", 0.5)).evaluate(batch);
    assertThat(result.loss()).isCloseTo(-Math.exp(0.15), within(1e-12));
    assertThat(result.dlogp()).containsExactly(new double[] {-Math.exp(0.15) / 2, -Math.exp(0.15) / 2, 0}, within(1e-12));
  }
}
