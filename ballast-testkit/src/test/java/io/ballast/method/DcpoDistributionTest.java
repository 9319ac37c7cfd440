package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Column;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DcpoDistributionTest extends ObjectiveKit {
  @Override protected String method() {
    return "dcpo-distribution";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of(), Map.of("alpha-cap", 0.1, "h0", 0.05));
  }

  /** The edit shifts every advantage. */
  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  /** Answers of one token each; {@code good} of them earn reward 1. */
  private static TokenBatch answers(int n, int good, double logp) {
    double[] lp = new double[n], reward = new double[n], advantage = new double[n];
    Arrays.fill(lp, logp);
    for (int i = 0; i < good; i++) reward[i] = 1;
    double[] hot = new double[n], cold = new double[n];
    Arrays.fill(hot, logp + Math.log(0.9));
    Arrays.fill(cold, logp + Math.log(1.1));
    return Hand.answers(lp, advantage).withColumn(Column.REWARD, reward).withColumn(Column.HOT_OLD_LOGP, hot).withColumn(Column.COLD_OLD_LOGP, cold);
  }

  /** After an update that measured this entropy. */
  private Objective after(double entropy) {
    Objective fresh = objective(Map.of());
    TokenBatch batch = answers(4, 1, -entropy);
    return fresh.next(batch, fresh.evaluate(batch));
  }

  /** h0 = 0.5. H = 0.3, f = ¼: α0 = 0.1/0.25 = 0.4, α = 0.2857. H = 0.45, f = ½: 0.05/0.5 = 0.1, α = 0.0909. H = 0.7, f = ½: 0.1/0.5, α = 0.1667. */
  @Test void the_share_by_hand() {
    assertThat(after(0.3).evaluate(answers(4, 1, -1)).metrics().get("virtual-share").value()).isCloseTo(0.4 / 1.4, near());
    assertThat(after(0.45).evaluate(answers(4, 2, -1)).metrics().get("virtual-share").value()).isCloseTo(0.1 / 1.1, near());
    assertThat(after(0.7).evaluate(answers(4, 2, -1)).metrics().get("virtual-share").value()).isCloseTo(0.2 / 1.2, near());
  }

  /** With A = 0 everywhere the good answers' advantage is α ρ: hot 0.9 below h0, cold 1.1 above. dlogp = −α ρ/4 on policy. */
  @Test void good_answers_are_credited_at_the_virtual_temperature() {
    assertThat(after(0.3).evaluate(answers(4, 1, -1)).dlogp()).containsExactly(new double[] {-0.4 / 1.4 * 0.9 / 4, 0, 0, 0}, within(1e-12));
    assertThat(after(0.7).evaluate(answers(4, 2, -1)).dlogp())
        .containsExactly(new double[] {-0.2 / 1.2 * 1.1 / 4, -0.2 / 1.2 * 1.1 / 4, 0, 0}, within(1e-12));
  }

  @Test void without_a_good_answer_nothing_is_mixed_in() {
    assertThat(after(0.3).evaluate(answers(4, 0, -1)).metrics().get("virtual-share").value()).isZero();
  }
}
