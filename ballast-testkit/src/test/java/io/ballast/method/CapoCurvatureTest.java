package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CapoCurvatureTest extends ObjectiveKit {
  @Override protected String method() {
    return "capo-curvature";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of("lr", 0.1, "tau-h", 0.05),
        Map.of("model", "sgd", "lr", 0.2, "tau-f", 0, "tau-h", 0.05, "symmetric", false),
        Map.of("model", "sgd", "lr", 0.5, "tau-h", 0, "tau-f", 0.01));
  }

  /** Sequence means over kept tokens only: not one weight. */
  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  private static TokenBatch token(double[] hidden) {
    return Hand.token(1, 1).withColumn(Column.TOP_LOGP, new double[] {Math.log(0.4), Math.log(0.4), Math.log(0.2)})
        .withColumn(Column.TOP_TOKEN, new double[] {5, 6, 7}).withColumn(Column.TOKEN, new double[] {5}).withColumn(Column.HIDDEN, hidden);
  }

  /** |h|² = 100, π = (.4, .4, .2), the first sampled: v = (.6, −.4, −.2), |v|² = 0.56; lr 0.01: m_H = 0.6096, m_F = 0.1568. */
  @Test void a_token_by_hand() {
    Evaluation result = Hand.evaluate("capo-curvature", Map.of("model", "sgd", "lr", 0.01, "tau-f", 0, "tau-h", 0), token(new double[] {6, 8}));
    assertThat(result.metrics().get("objective-shift").value()).isCloseTo(0.6096, within(1e-10));
    assertThat(result.metrics().get("policy-shift").value()).isCloseTo(0.1568, within(1e-10));
    assertThat(Hand.evaluate("capo-curvature", Map.of("model", "sgd", "lr", 0.01, "tau-f", 0.157, "tau-h", 0), token(new double[] {6, 8})).dlogp()[0]).isEqualTo(-1);
    assertThat(Hand.evaluate("capo-curvature", Map.of("model", "sgd", "lr", 0.01, "tau-f", 0.156, "tau-h", 0), token(new double[] {6, 8})).dlogp()[0]).isZero();
  }

  /**
   * d = 1, h = 1, so g = v = (.6, −.4, −.2). After one step the moments hold that gradient; the same token again: m' = 0.1·g·(0.9 + 1),
   * m̂ = g, v̂ = g², so G is ±1 in the signs of v, u = (1, −1, −1), v·u = 1.2, ⟨g, G⟩ = 1.2, Var_π(u) = 1 − 0.04 = 0.96.
   */
  @Test void the_second_step_predicts_adam() {
    TokenBatch batch = token(new double[] {1});
    Map<String, Object> settings = Map.of("lr", 0.01, "tau-f", 0, "tau-h", 0);
    Objective first = objective(settings);
    Objective second = first.next(batch, first.evaluate(batch));
    double shift = 0.01 * 1.2 + 0.5e-4 * (1.44 - 0.96);
    assertThat(second.evaluate(batch).metrics().get("objective-shift").value()).isCloseTo(shift, within(1e-8));
    assertThat(second.evaluate(batch).metrics().get("policy-shift").value()).isCloseTo(0.5e-4 * 1.44, within(1e-8));
    assertThat(second.memory().get("curvature-rows")).containsExactly(5, 6, 7);
  }
}
