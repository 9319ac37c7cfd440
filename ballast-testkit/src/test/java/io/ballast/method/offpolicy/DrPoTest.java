package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.advantage.Rewards;
import io.ballast.advantage.TokenGae;
import io.ballast.advantage.Whitening;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DrPoTest extends ObjectiveKit {
  @Override protected String method() {
    return "dr-po";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("advantage", "gae", "aggregation", "seq-mean-token-mean"));
  }

  /** Rewards (0, 0, 1), values (0.5, 0.4, 0.6), γ = 1, λ = 0.95: A = (0.451, 0.58, 0.4). */
  @Test void token_gae_by_hand() {
    var rewards = new Rewards(new int[] {0}, new double[] {1}, new int[] {0, 3}, Map.of(), Map.of("value", new double[] {0.5, 0.4, 0.6}));
    assertThat(new TokenGae(1, 0.95, 0, Whitening.NONE).estimate(rewards)).containsExactly(new double[] {0.451, 0.58, 0.4}, within(1e-12));
  }

  /** One token, old −1, reference −1.5, β = 0.1: 0.05 off the reward; A = 1 − 0.05 − 0.6. */
  @Test void kl_is_taken_from_the_reward_by_hand() {
    var rewards = new Rewards(new int[] {0}, new double[] {1}, new int[] {0, 1}, Map.of(),
        Map.of("value", new double[] {0.6}, "oldLogp", new double[] {-1}, "refLogp", new double[] {-1.5}));
    assertThat(new TokenGae(1, 0.95, 0.1, Whitening.NONE).estimate(rewards)).containsExactly(new double[] {0.35}, within(1e-12));
  }
}
