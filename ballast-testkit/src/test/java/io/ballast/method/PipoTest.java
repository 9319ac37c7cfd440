package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Column;
import io.ballast.objective.LookingBack;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PipoTest extends ObjectiveKit {
  private static final Map<String, Object> PLAIN = Map.of("kl-coefficient", 0, "k", 2);

  @Override protected String method() {
    return "pipo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of("kl-coefficient", 0),
        Map.of(),
        Map.of("xi", 1.5),
        Map.of("xi", -4, "surrogate", "released"),
        Map.of("variant", "scaled", "k", 2, "deviation", "sample"),
        Map.of("variant", "scaled", "xi", -0.7));
  }

  /** Two answers of one token, on policy. */
  private static TokenBatch pair(double... reward) {
    return Hand.answers(new double[] {-1, -2}, new double[] {1, -0.5}).withColumn(Column.REWARD, reward);
  }

  private static Objective lived(Objective objective, double... means) {
    for (double mean : means) objective = objective.next(pair(mean, mean), objective.evaluate(pair(mean, mean)));
    return objective;
  }

  @Test void the_base_update_is_clipped_grpo() {
    for (TokenBatch batch : batches()) {
      assertThat(Hand.evaluate("pipo", PLAIN, batch).dlogp())
          .isEqualTo(Hand.evaluate("grpo", Map.of("aggregation", "token-mean"), batch).dlogp());
    }
  }

  @Test void there_is_no_look_back_before_the_window_is_full() {
    assertThat(((LookingBack) lived(objective(PLAIN))).lookBack(pair(1, 1))).isEmpty();
    assertThat(((LookingBack) lived(objective(PLAIN), 0.1)).lookBack(pair(1, 1))).isEmpty();
    assertThat(((LookingBack) lived(objective(PLAIN), 0.1, 0.3)).lookBack(pair(1, 1))).isPresent();
  }

  /** Window of four, two enough: 0.1 and 0.3 give what a full window of two gives. */
  @Test void a_window_may_speak_before_it_is_full() {
    Map<String, Object> early = new HashMap<>(PLAIN);
    early.putAll(Map.of("k", 4, "min-steps", 2));
    double[] dlogp = ((LookingBack) lived(objective(early), 0.1, 0.3)).lookBack(pair(0.25, 0.25)).orElseThrow().evaluate(pair(0, 0)).dlogp();
    assertThat(dlogp).containsExactly(new double[] {-1 / 3.0, 1 / 6.0}, within(1e-6));
    early.put("min-steps", 5);
    assertThatThrownBy(() -> objective(early)).hasMessage("min-steps must be in [2, k = 4], got 5");
  }

  /** Window 0.1, 0.3: mean 0.2, deviation 0.1. Reward 0.25: ξ = 0.5. a = 2·(1, −0.5)/1.5 = (4/3, −2/3), c = a/2, on policy dlogp = −c/2 each. */
  @Test void a_look_back_by_hand() {
    Objective again = ((LookingBack) lived(objective(PLAIN), 0.1, 0.3)).lookBack(pair(0.25, 0.25)).orElseThrow();
    assertThat(again.evaluate(pair(0, 0)).dlogp()).containsExactly(new double[] {-1 / 3.0, 1 / 6.0}, within(1e-6));
  }

  /** ξ = −0.5 instead: φ = −0.05, so the gradient is that of ξ = +0.5 turned round and a tenth. */
  @Test void deterioration_turns_the_gradient_round_and_counts_lambda() {
    LookingBack objective = (LookingBack) lived(objective(PLAIN), 0.1, 0.3);
    double[] up = objective.lookBack(pair(0.25, 0.25)).orElseThrow().evaluate(pair(0, 0)).dlogp();
    double[] down = objective.lookBack(pair(0.15, 0.15)).orElseThrow().evaluate(pair(0, 0)).dlogp();
    assertThat(down).containsExactly(Arrays.stream(up).map(g -> -0.1 * g).toArray(), near());
  }

  @Test void a_group_without_advantages_contributes_nothing() {
    TokenBatch flat = pair(0, 0).withAdvantage(new double[2]);
    assertThat(Hand.evaluate("pipo", Map.of("xi", 3, "kl-coefficient", 0), flat).dlogp()).containsExactly(new double[2], near());
  }

  /** c = −1 at r = 1.3 and 0.7: PPO keeps the first and cuts the second, the released code the other way round. */
  @Test void the_released_surrogate_is_the_opposite_of_ppo_for_negative_coefficients() {
    double[] old = {-1, -1}, logp = {Math.log(1.3) - 1, Math.log(0.7) - 1};
    TokenBatch batch = Hand.tokens(logp, old, new double[] {-1, -1});
    double[] ppo = Hand.evaluate("pipo", Map.of("xi", 1, "kl-coefficient", 0), batch).dlogp();
    double[] released = Hand.evaluate("pipo", Map.of("xi", 1, "kl-coefficient", 0, "surrogate", "released"), batch).dlogp();
    assertThat(ppo[0]).isPositive();
    assertThat(ppo[1]).isZero();
    assertThat(released[0]).isZero();
    assertThat(released[1]).isPositive();
  }

  /** ξ = 3 is held at 2. */
  @Test void with_a_critic_the_advantages_are_scaled() {
    assertThat(Hand.evaluate("pipo", Map.of("variant", "scaled", "xi", 3, "kl-coefficient", 0), pair(0, 0)).dlogp())
        .containsExactly(new double[] {-1, 0.5}, near());
  }
}
