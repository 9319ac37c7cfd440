package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DPpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "d-ppo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of(), Map.of("rho", 0.4), Map.of("rho", 0.3, "per-sign", true));
  }

  /** The mean is over survivors: not one weight. */
  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  /** Surrogates 1, 2, −3, 4, mean 1: scores as they are; rho ¼ drops the −3. The others weigh 1/3: gradients −A/3. */
  @Test void four_tokens_by_hand() {
    double[] logp = {-1, -1, -1, -1};
    TokenBatch batch = Hand.tokens(logp, logp.clone(), new double[] {1, 2, -3, 4});
    Evaluation result = Hand.evaluate("d-ppo", Map.of("rho", 0.25), batch);
    assertThat(result.dlogp()).containsExactly(new double[] {-1 / 3.0, -2 / 3.0, 0, -4 / 3.0}, near());
    assertThat(result.loss()).isCloseTo(-7 / 3.0, near());
  }

  @Test void the_number_dropped_is_the_floor_of_rho_n_even_where_all_tie() {
    double[] logp = new double[7];
    Arrays.fill(logp, -1);
    double[] ones = new double[7];
    Arrays.fill(ones, 1);
    double[] dlogp = Hand.evaluate("d-ppo", Map.of("rho", 0.3), Hand.tokens(logp, logp.clone(), ones)).dlogp();
    assertThat(dlogp).containsExactly(new double[] {0, 0, -0.2, -0.2, -0.2, -0.2, -0.2}, near());
  }

  @Test void without_dropout_or_without_a_mean_it_is_ppo() {
    for (TokenBatch batch : batches()) {
      assertThat(Hand.evaluate("d-ppo", Map.of("rho", 0), batch).dlogp()).isEqualTo(Hand.evaluate("ppo", Map.of(), batch).dlogp());
    }
    TokenBatch still = Hand.tokens(new double[] {-1, -2}, new double[] {-1, -2}, new double[] {1, -1});
    assertThat(Hand.evaluate("d-ppo", Map.of("rho", 0.5), still).dlogp()).isEqualTo(Hand.evaluate("ppo", Map.of(), still).dlogp());
  }

  /** Signs apart, half of each goes: neither sign is emptied, though all scores of one sign are below all of the other's. */
  @Test void signs_can_be_thinned_apart() {
    double[] logp = {-1, -1, -1, -1};
    TokenBatch batch = Hand.tokens(logp, logp.clone(), new double[] {3, 4, -1, -2});
    assertThat(Hand.evaluate("d-ppo", Map.of("rho", 0.5), batch).dlogp()).containsExactly(new double[] {-1.5, -2, 0, 0}, near());
    assertThat(Hand.evaluate("d-ppo", Map.of("rho", 0.5, "per-sign", true), batch).dlogp()).containsExactly(new double[] {0, -2, 0.5, 0}, near());
  }
}
