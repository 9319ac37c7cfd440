package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ErcTest extends ObjectiveKit {
  @Override protected String method() {
    return "erc";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of("dual-clip", "none"),
        Map.of("base", "gppo"));
  }

  /** Tokens outside the band count with their value at the base point; gppo's kept gradients are J = bound / sg[x] · x A. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    boolean preserving = objective.toString().contains("PreservingClip");
    double high = preserving ? 1.2 : 1.28;
    return Surrogates.loss(aggregation(objective), base, moved, (then, now, t) -> {
      double h = (then.column(Column.ENTROPY)[t] + 1e-8) / (then.column(Column.OLD_ENTROPY)[t] + 1e-8);
      double a = now.advantage()[t], x = h > 0.95 && h < 1.05 ? now.ratio(t) : then.ratio(t), start = then.ratio(t);
      double kept = start > high && a > 0 ? high / start : start < 0.8 && a < 0 ? 0.8 / start : 1;
      return preserving ? kept * x * a : Math.min(x * a, Math.clamp(x, 0.8, high) * a);
    });
  }

  /** H/H_old = 1.2 is outside (0.95, 1.05): the token's value 1.1 stays in the loss, its gradient does not. */
  @Test void two_tokens_by_hand() {
    TokenBatch batch = Batches.ratios(new double[][] {{1.1, 1.1}}, 1)
        .withColumn(Column.ENTROPY, new double[] {1.2, 1}).withColumn(Column.OLD_ENTROPY, new double[] {1, 1});
    Evaluation result = objective(Map.of()).evaluate(batch);
    assertThat(result.loss()).isCloseTo(-1.1, within(1e-12));
    assertThat(result.dlogp()).containsExactly(new double[] {0, -0.55}, within(1e-12));
    assertThat(result.metrics().get("entropy-clipped-fraction").value()).isEqualTo(0.5);
  }

  /** x = 1.25 with A = 1: below dapo's 1.28, above gppo's own 1.2, where the gradient goes on with the bound's weight. */
  @Test void each_base_has_its_own_upper_bound_unless_one_is_set_by_hand() {
    TokenBatch batch = Batches.ratios(new double[][] {{1.25}}, 1).withColumn(Column.ENTROPY, new double[] {1}).withColumn(Column.OLD_ENTROPY, new double[] {1});
    assertThat(objective(Map.of()).evaluate(batch).dlogp()).containsExactly(new double[] {-1.25}, within(1e-12));
    assertThat(objective(Map.of("base", "gppo")).evaluate(batch).dlogp()).containsExactly(new double[] {-1.2}, within(1e-12));
    assertThat(objective(Map.of("base", "gppo", "clip-high", 0.28)).evaluate(batch).dlogp()).containsExactly(new double[] {-1.25}, within(1e-12));
    assertThat(objective(Map.of("clip-high", 0.2)).evaluate(batch).dlogp()).containsExactly(-0.0);
  }
}
