package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.advantage.Rewards;
import io.ballast.advantage.TurnGae;
import io.ballast.objective.StepTotals;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TurnGaeTest extends ObjectiveKit {
  @Override protected String method() {
    return "turn-gae";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("ratio", "product", "aggregation", "seq-mean-token-mean"),
        Map.of("ratio", "token", "gae", "bi-level", "whiten", true),
        Map.of("kl-coefficient", 0.1, "entropy-coefficient", 0.02));
  }

  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  /**
   * Turns {0, 1} and {2}, values before them 0.4 and 0.6, reward 1, γ = 0.9, λ = 0.5:
   * δ₂ = 1 − 0.6 = 0.4, A₂ = 0.4; δ₁ = 0.9 · 0.6 − 0.4 = 0.14, A₁ = 0.14 + 0.45 · 0.4 = 0.32.
   */
  @Test void advantages_of_two_turns_by_hand() {
    var rewards = new Rewards(new int[] {0}, new double[] {1}, new int[] {0, 3}, Map.of(),
        Map.of("turn", new double[] {0, 0, 1}, "value", new double[] {0.4, 9, 0.6}));
    assertThat(new TurnGae(0.9, 0.5, 1, false, false).estimate(rewards)).containsExactly(new double[] {0.32, 0.32, 0.4}, within(1e-12));
  }

  /**
   * The same, bi-level with γ_tok = 1: turn 1 has R' = A₁ + V₁ = 0.72 on its last token. Values 0.4, 0.5: δ = 0.72 − 0.5 = 0.22 there,
   * 0.5 − 0.4 = 0.1 before; A = (0.1 + 0.5 · 0.22, 0.22). Turn 2: R' = 1, A = 1 − 0.6 = 0.4.
   */
  @Test void bi_level_advantages_by_hand() {
    var rewards = new Rewards(new int[] {0}, new double[] {1}, new int[] {0, 3}, Map.of(),
        Map.of("turn", new double[] {0, 0, 1}, "value", new double[] {0.4, 0.5, 0.6}));
    assertThat(new TurnGae(0.9, 0.5, 1, true, false).estimate(rewards)).containsExactly(new double[] {0.21, 0.22, 0.4}, within(1e-12));
  }

  /** A reward per turn replaces the sample's: δ₁ = 0.5 + 0.54 − 0.4 = 0.64, δ₂ = 0.2 − 0.6 = −0.4, A₁ = 0.64 − 0.18 = 0.46. */
  @Test void rewards_per_turn_by_hand() {
    var rewards = new Rewards(new int[] {0}, new double[] {1}, new int[] {0, 3}, Map.of(),
        Map.of("turn", new double[] {0, 0, 1}, "value", new double[] {0.4, 9, 0.6}, "turnReward", new double[] {0.5, 0.5, 0.2}));
    assertThat(new TurnGae(0.9, 0.5, 1, false, false).estimate(rewards)).containsExactly(new double[] {0.46, 0.46, -0.4}, within(1e-12));
  }

  @Test void whitened_over_turns_each_turn_counts_once() {
    var rewards = new Rewards(new int[] {0}, new double[] {1}, new int[] {0, 3}, Map.of(),
        Map.of("turn", new double[] {0, 0, 1}, "value", new double[] {0.4, 9, 0.6}));
    double[] white = new TurnGae(0.9, 0.5, 1, false, true).estimate(rewards);
    assertThat(white[0] + white[2]).isCloseTo(0, within(1e-9));
    assertThat(white[2]).isCloseTo(0.04 / Math.sqrt(0.0032 + 1e-8), within(1e-12));
  }

  /**
   * Turns {0, 1, 2} and {3}, k1 with coefficient 0.1, A = 0: the penalty is a mean over turns like the policy term, so each of the
   * first three tokens counts 1/(2·3) and the last 1/2. logp − refLogp = (0.3, 0.3, 0.3, 1): L = 0.1 (0.3 + 1)/2.
   */
  @Test void the_kl_penalty_is_a_mean_over_turns_by_hand() {
    double[] logp = {-1, -1, -1, -1};
    var batch = new TokenBatch(new int[] {0, 4}, new int[1], new int[1], logp, logp.clone(), new double[4],
        Map.of("turn", new double[] {0, 0, 0, 1}, "refLogp", new double[] {-1.3, -1.3, -1.3, -2}), new StepTotals(1, 4, 1, 4));
    var result = objective(Map.of("kl-coefficient", 0.1, "kl-estimator", "k1")).evaluate(batch);
    assertThat(result.loss()).isCloseTo(0.065, within(1e-12));
    assertThat(result.dlogp()).containsExactly(new double[] {0.1 / 6, 0.1 / 6, 0.1 / 6, 0.05}, within(1e-12));
  }
}
