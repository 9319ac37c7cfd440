package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.advantage.LeaveOneOut;
import io.ballast.advantage.Rewards;
import io.ballast.objective.Column;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CopgTest extends ObjectiveKit {
  @Override protected String method() {
    return "copg";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of(), Map.of("beta", 1));
  }

  /** Answers share their mean, so the function that is differentiated is the one of the whole step. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    return objective.evaluate(moved).loss();
  }

  private static TokenBatch pair(double[] logp, double[] reference, double[] reward) {
    return Hand.answers(logp, new double[logp.length]).withColumn(Column.REF_LOGP, reference).withColumn(Column.REWARD, reward);
  }

  /** beta ½, s = (1 − ½·0.2, 0 − ½·(−0.4)) = (0.9, 0.2): L = 0.7²/(2·½) = 0.49, dL/dlogp = −(s − s′) = −0.7, +0.7. */
  @Test void a_pair_by_hand() {
    var result = Hand.evaluate("copg", Map.of("beta", 0.5), pair(new double[] {-1, -1.4}, new double[] {-1.2, -1}, new double[] {1, 0}));
    assertThat(result.loss()).isCloseTo(0.49, near());
    assertThat(result.dlogp()).containsExactly(new double[] {-0.7, 0.7}, near());
  }

  /** π = π_ref exp(R/β)/Z: all s_i are equal. */
  @Test void the_regularised_optimum_is_a_fixed_point() {
    double beta = 0.3;
    double[] reference = {-1, -2, -1.5}, reward = {0.1, 0.4, 0}, logp = new double[3];
    for (int i = 0; i < 3; i++) logp[i] = reference[i] + reward[i] / beta - 2;
    assertThat(Hand.evaluate("copg", Map.of("beta", beta), pair(logp, reference, reward)).dlogp()).containsExactly(new double[3], near());
  }

  /** IPO on a preferred pair: (c − β Δ)²/(2 β) with c = R − R′, Δ the difference of log-ratios. */
  @Test void a_constant_margin_is_ipo() {
    double[] logp = {-1, -1.4}, reference = {-1.2, -1};
    double delta = 0.2 - -0.4;
    assertThat(Hand.evaluate("copg", Map.of("beta", 0.5), pair(logp, reference, new double[] {1, 0})).loss())
        .isCloseTo(Math.pow(1 - 0.5 * delta, 2) / (2 * 0.5), near());
  }

  @Test void at_the_reference_it_is_leave_one_out_reinforce_times_two_over_g() {
    double[] logp = {-1, -2, -1.5}, reward = {1, 0, 0.25};
    double[] advantage = new LeaveOneOut().estimate(new Rewards(new int[3], reward, new int[] {0, 1, 2, 3}, Map.of(), Map.of()));
    double[] dlogp = Hand.evaluate("copg", Map.of(), pair(logp, logp.clone(), reward)).dlogp();
    for (int i = 0; i < 3; i++) assertThat(dlogp[i]).isCloseTo(-2.0 / 3 * advantage[i], near());
  }

  @Test void a_constant_added_to_the_rewards_of_a_prompt_changes_nothing() {
    double[] logp = {-1, -1.4}, reference = {-1.2, -1};
    assertThat(Hand.evaluate("copg", Map.of(), pair(logp, reference, new double[] {6, 5})).dlogp())
        .containsExactly(Hand.evaluate("copg", Map.of(), pair(logp, reference, new double[] {1, 0})).dlogp(), near());
  }
}
