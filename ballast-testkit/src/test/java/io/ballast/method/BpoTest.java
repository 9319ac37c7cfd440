package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Aggregation;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BpoTest extends ObjectiveKit {
  private static final double LAMBDA = 0.5, TV = 0.3;

  @Override protected String method() {
    return "bpo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of("lambda", LAMBDA, "tv-loss-coef", TV, "vf-coef", 0.7, "u-coef", 0.4));
  }

  /** Target and weight are detached from the heads; the heads' own losses are not. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    return Surrogates.loss(new Aggregation.TokenMean(), base, moved, (b, m, t) -> {
      double q = b.column(Column.RETURNS)[t], target = 0.7 + 0.6 / (1 + Math.exp(-(q - b.column(Column.MEDIAN)[t]) / LAMBDA));
      double value = m.column(Column.VALUE)[t] - q, z = q - m.column(Column.MEDIAN)[t];
      return -Math.abs(m.ratio(t) - target) * (Math.abs(q - b.column(Column.VALUE)[t]) + TV)
          - 0.7 * value * value - 0.4 * (Math.log1p(Math.exp(z)) - z / 2);
    });
  }

  /** eps 0.3, lambda ½, Q = 1, U = 0: z = 2, σ = 0.880797, target 0.7 + 0.6 σ = 1.228478; V = 0.6: weight 0.4. At r = 1: J = −0.228478·0.4 = −0.0914, slope +0.4. */
  @Test void a_token_by_hand() {
    TokenBatch batch = Hand.token(1, 0).withColumn(Column.RETURNS, new double[] {1}).withColumn(Column.MEDIAN, new double[] {0})
        .withColumn(Column.VALUE, new double[] {0.6});
    Evaluation result = Hand.evaluate("bpo", Map.of("lambda", 0.5, "vf-coef", 0, "u-coef", 0), batch);
    assertThat(-result.loss()).isCloseTo(-0.0913913, within(1e-6));
    assertThat(-result.dlogp()[0]).isCloseTo(0.4, within(1e-12));
  }

  /** Head losses of the same token with their coefficients ½: ½ (0.6 − 1)² = 0.08; ½ (ln(1 + e) − ½) = 0.4066; gradients ½·2·(−0.4), −½ (σ(1) − ½). */
  @Test void the_heads_by_hand() {
    TokenBatch batch = Hand.token(1, 0).withColumn(Column.RETURNS, new double[] {1}).withColumn(Column.MEDIAN, new double[] {0})
        .withColumn(Column.VALUE, new double[] {0.6});
    Evaluation with = Hand.evaluate("bpo", Map.of("lambda", 0.5), batch);
    Evaluation without = Hand.evaluate("bpo", Map.of("lambda", 0.5, "vf-coef", 0, "u-coef", 0), batch);
    assertThat(with.loss() - without.loss()).isCloseTo(0.08 + 0.4066309, within(1e-6));
    assertThat(with.gradients().get(Column.VALUE)).containsExactly(new double[] {-0.4}, within(1e-12));
    assertThat(with.gradients().get(Column.MEDIAN)).containsExactly(new double[] {-0.1155293}, within(1e-6));
  }

  @Test void a_target_met_exactly_has_no_gradient() {
    TokenBatch batch = Hand.token(1, 0).withColumn(Column.RETURNS, new double[] {1}).withColumn(Column.MEDIAN, new double[] {1})
        .withColumn(Column.VALUE, new double[] {0});
    assertThat(Hand.evaluate("bpo", Map.of(), batch).dlogp()[0]).isZero();
  }
}
