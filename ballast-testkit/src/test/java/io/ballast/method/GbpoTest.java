package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.advantage.Rewards;
import io.ballast.testkit.ObjectiveKit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GbpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "gbpo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of(), Map.of("temperature", 1, "eps-low", 0.2, "eps-high", 0.4));
  }

  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  /** The answer in the group of four that a reward vector stands for, on policy: the direction of dJ/dlogp of each answer. */
  private static double[] directions(double... advantages) {
    double[] dlogp = Hand.evaluate("gbpo", Map.of(), Hand.answers(new double[] {-1, -1.2, -0.5, -2}, advantages)).dlogp();
    return Arrays.stream(dlogp).map(g -> g == 0 ? 0 : -Math.signum(g)).toArray();
  }

  /**
   * Rewards 1, 1, 1, 0: advantages ½, ½, ½, −1½, median ½, targets 1, 1, 1, 0.7: only the minority moves, down.
   * Rewards 1, 0, 0, 0: targets 1.3, 1, 1, 1. Rewards 1, 1, 0, 0: median 0, targets 1.3, 1.3, 0.7, 0.7.
   */
  @Test void on_policy_only_the_minority_of_a_group_moves() {
    assertThat(directions(0.5, 0.5, 0.5, -1.5)).containsExactly(0, 0, 0, -1);
    assertThat(directions(1.5, -0.5, -0.5, -0.5)).containsExactly(1, 0, 0, 0);
    assertThat(directions(0.866, 0.866, -0.866, -0.866)).containsExactly(1, 1, -1, -1);
  }

  /** Same rewards 1, 1, 1, 0: the loss is mean |r − target| |A| = (0 + 0 + 0 + 0.3·1.5)/4 = 0.1125. */
  @Test void a_group_by_hand() {
    double loss = Hand.evaluate("gbpo", Map.of(), Hand.answers(new double[] {-1, -1, -1, -1}, new double[] {0.5, 0.5, 0.5, -1.5})).loss();
    assertThat(loss).isCloseTo(0.1125, near());
  }

  /** Mean 0 and deviation 1: reward 2 alone is 2/(1 + 1e-6), or 2 undivided; a pair beside it has its own z-scores, ±1/(√2 + 1e-6). */
  @Test void an_answer_alone_on_its_prompt_keeps_its_reward() {
    var rewards = new Rewards(new int[] {0, 1, 1}, new double[] {2, 2, 0}, new int[] {0, 1, 2, 3}, Map.of(), Map.of());
    double one = 1 / (Math.sqrt(2) + 1e-6);
    assertThat(assembly(Map.of()).advantages().estimate(rewards)).containsExactly(new double[] {2 / (1 + 1e-6), one, -one}, near());
    assertThat(assembly(Map.of("advantage", "group-mean")).advantages().estimate(rewards)).containsExactly(new double[] {2, 1, -1}, near());
  }

  /** A group of one has median 0: advantage 2 at temperature 10⁻⁴ aims at 1.3. */
  @Test void a_group_of_one_has_median_zero() {
    assertThat(Hand.evaluate("gbpo", Map.of(), Hand.answers(new double[] {-1}, new double[] {2})).loss()).isCloseTo(0.6, near());
  }
}
