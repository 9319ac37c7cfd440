package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.objective.clipping.DynamicClip;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DcpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "dcpo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("dual-clip", 2));
  }

  /** The table in the authors' README, ε 0.16 and 0.2. */
  @Test void bounds_for_five_probabilities_by_hand() {
    DynamicClip clip = new DynamicClip(0.16, 0.2, 10);
    double[] q = {0.9, 0.5, 0.1, 0.01, 0.001}, low = {0.769, 0.5, 0.5, 0.5, 0.5}, high = {1.187, 1.306, 2.0, 5.0, 10};
    for (int i = 0; i < q.length; i++) {
      assertThat(clip.low(q[i])).isCloseTo(low[i], within(5e-4));
      assertThat(clip.high(q[i])).isCloseTo(high[i], within(5e-4));
    }
  }

  /** oldLogp = −1, q = e⁻¹ = 0.3679: hi = ½ + ½√(1 + 0.8/q) = 1.39098. x = 1.5 is clipped, value hi; x = 1.3 is not. L = −(hi + 1.3)/2. */
  @Test void two_tokens_by_hand() {
    Evaluation result = objective(Map.of()).evaluate(Batches.ratios(new double[][] {{1.5, 1.3}}, 1));
    double high = 0.5 + 0.5 * Math.sqrt(1 + 0.8 / Math.exp(-1));
    assertThat(result.loss()).isCloseTo(-(high + 1.3) / 2, within(1e-12));
    assertThat(result.dlogp()).containsExactly(new double[] {0, -0.65}, within(1e-12));
  }
}
