package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.objective.Column;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ErpdTest extends ObjectiveKit {
  @Override protected String method() {
    return "erpd";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of(), Map.of("teacher", "weak", "gate", true), Map.of("teacher", "pair", "s-max", 0.1));
  }

  /** The teacher's signal takes the place of the advantage. */
  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  private static TokenBatch batch() {
    return Hand.tokens(new double[] {-1, -1, -1}, new double[] {-1, -1, -1}, new double[] {1, 1, 1})
        .withColumn(Column.REF_LOGP, new double[] {-1, -1, -1}).withColumn(Column.TEACHER_LOGP, new double[] {-0.5, -1.3, -4})
        .withColumn(Column.WEAK_TEACHER_LOGP, new double[] {-0.5, -0.5, -0.5});
  }

  private static double[] signal(Map<String, Object> settings) {
    double[] dlogp = Hand.evaluate("erpd", settings, batch()).dlogp();
    for (int t = 0; t < 3; t++) dlogp[t] *= -3; // token mean of three, on policy and at the base: only −s/3 is left
    return dlogp;
  }

  /** teacher − base: 0.5, −0.3, −3 held at −2; gated by A > 0: 0.5, 0, 0; weak: −0.5, 0.3, 2; pair: 0, −0.8, −2. */
  @Test void signals_by_hand() {
    assertThat(signal(Map.of())).containsExactly(new double[] {0.5, -0.3, -2}, near());
    assertThat(signal(Map.of("gate", true))).containsExactly(new double[] {0.5, 0, 0}, near());
    assertThat(signal(Map.of("teacher", "weak"))).containsExactly(new double[] {-0.5, 0.3, 2}, near());
    assertThat(signal(Map.of("teacher", "pair", "kl-coefficient", 0))).containsExactly(new double[] {0, -0.8, -2}, near());
  }
}
