package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.advantage.Rewards;
import io.ballast.advantage.ShiftedGroupMean;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AsymReTest extends ObjectiveKit {
  @Override protected String method() {
    return "asymre";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("aggregation", "token-mean", "kl-coefficient", 0.1));
  }

  /** Rewards (1, 0): mean 0.5, baseline 0.4: A = (0.6, −0.4). */
  @Test void the_baseline_lies_below_the_mean_by_hand() {
    var rewards = new Rewards(new int[] {0, 0}, new double[] {1, 0}, new int[] {0, 1, 2}, Map.of(), Map.of());
    assertThat(new ShiftedGroupMean(-0.1).estimate(rewards)).containsExactly(new double[] {0.6, -0.4}, within(1e-12));
  }
}
