package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.advantage.Rewards;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HumanlineTest extends ObjectiveKit {
  @Override protected String method() {
    return "humanline";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("log-epsilon-p", -0.3, "log-epsilon-r", 0.3, "clip-low", 0.15, "clip-high", 0.15));
  }

  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  /** R = (1, 0): mean 0.5, deviation with n 0.5, so A = ±0.5/0.51. */
  @Test void advantages_divide_by_the_population_deviation_and_a_hundredth_by_hand() {
    var rewards = new Rewards(new int[2], new double[] {1, 0}, new int[] {0, 1, 2}, Map.of(), Map.of());
    assertThat(Methods.named("humanline").assemble(Map.of()).advantages().estimate(rewards))
        .containsExactly(new double[] {0.5 / 0.51, -0.5 / 0.51}, within(1e-12));
  }

  /**
   * The ratio is taken to the reference: refLogp = −1, logp = −1 + ln x. x = 5 > e^1.5 = 4.48 and A = −1: held at e^1.5, no gradient
   * though PPO would let it through. x = 1.005, A = −1: inside, slope −x. KL off.
   */
  @Test void two_tokens_by_hand() {
    TokenBatch ratios = Batches.ratios(new double[][] {{5, 1.005}}, -1);
    TokenBatch batch = ratios.withColumn(Column.REF_LOGP, ratios.oldLogp());
    Evaluation result = objective(Map.of("kl-coefficient", 0)).evaluate(batch);
    assertThat(result.loss()).isCloseTo((Math.exp(1.5) + 1.005) / 2, within(1e-12));
    assertThat(result.dlogp()).containsExactly(new double[] {0, 1.005 / 2}, within(1e-12));
  }
}
