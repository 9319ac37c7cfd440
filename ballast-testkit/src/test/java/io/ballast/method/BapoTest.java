package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BapoTest extends ObjectiveKit {
  private static final Map<String, Object> OFFICIAL = Map.of("balance", "ratio", "order", "low-first", "target", 1.0, "low-max", 0.8,
      "low-step", 0.05, "high-max", 2.0, "dual-clip", 3.0);

  @Override protected String method() {
    return "bapo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of(), Map.of("target", 0.6), OFFICIAL, Map.of("contribution", "gradient", "target", 0.55),
        Map.of("weight", "behaviour", "target", 0.7), Map.of("scope", "micro-batch"));
  }

  /** The example of the notes: A = −1 at x = 0.5, 0.7, 1.0 and A = +1 at x = 1.5, 1.0, 2.5. */
  private static final TokenBatch EXAMPLE = Batches.ratios(new double[][] {{0.5, 0.7, 1.0}, {1.5, 1.0, 2.5}}, -1, 1);

  private double share(double low, double high, String contribution) {
    Map<String, Object> fixed = Map.of("low-start", low, "low-max", low, "high-start", high, "high-max", high, "contribution", contribution);
    return objective(fixed).evaluate(EXAMPLE).metrics().get("positive-share").value();
  }

  /**
   * By loss with (0.6, 1.2): P = 1.2 + 1 + 1.2 = 3.4, Q = 0.6 + 0.7 + 1 = 2.3, share 3.4/5.7 = 0.596. With (0.6, 3): P = 5, share 0.685;
   * raising the lower bound to 0.9: Q = 0.9 + 0.9 + 1 = 2.8, share 5/7.8 = 0.641, which is worse.
   */
  @Test void shares_by_loss_by_hand() {
    assertThat(share(0.6, 1.2, "loss")).isCloseTo(3.4 / 5.7, within(1e-12));
    assertThat(share(0.8, 1.2, "loss")).isCloseTo(3.4 / 6.0, within(1e-12));
    assertThat(share(0.6, 1.5, "loss")).isCloseTo(4.0 / 6.3, within(1e-12));
    assertThat(share(0.6, 3.0, "loss")).isCloseTo(5.0 / 7.3, within(1e-12));
    assertThat(share(0.9, 3.0, "loss")).isCloseTo(5.0 / 7.8, within(1e-12));
  }

  /** Unclipped tokens only, (0.6, 1.2): P = 1, Q = 0.7 + 1, share 1/2.7 = 0.370; (0.8, 1.2): Q = 1, 0.5; (0.6, 1.6): P = 2.5, 2.5/4.2. */
  @Test void shares_by_gradient_by_hand() {
    assertThat(share(0.6, 1.2, "gradient")).isCloseTo(1 / 2.7, within(1e-12));
    assertThat(share(0.8, 1.2, "gradient")).isCloseTo(0.5, within(1e-12));
    assertThat(share(0.6, 1.6, "gradient")).isCloseTo(2.5 / 4.2, within(1e-12));
  }

  /** Algorithm 1 as printed, one step at a time, every probe a pass over the tokens. */
  @Test void the_search_equals_the_literal_algorithm() {
    for (long seed = 1; seed <= 40; seed++) {
      TokenBatch batch = Batches.random(seed, 10, 9, 0.5);
      for (double target : new double[] {0.2, 0.4, 0.5, 0.6, 0.8}) {
        int j = 0, k = 0;
        while (literalShare(batch, 0.6 + j * 0.02, 1.2 + k * 0.05) < target && (k < 36 || j < 15)) {
          if (k < 36) k++;
          else j++;
        }
        Evaluation result = objective(Map.of("target", target)).evaluate(batch);
        assertThat(result.metrics().get("clip-low").value()).isCloseTo(0.6 + j * 0.02, within(1e-12));
        assertThat(result.metrics().get("clip-high").value()).isCloseTo(1.2 + k * 0.05, within(1e-12));
        assertThat(result.metrics().get("positive-share").value()).isCloseTo(literalShare(batch, 0.6 + j * 0.02, 1.2 + k * 0.05), within(1e-12));
      }
    }
  }

  private static double literalShare(TokenBatch batch, double low, double high) {
    double positive = 0, negative = 0;
    for (int t = 0; t < batch.tokens(); t++) {
      double a = batch.advantage()[t], x = batch.ratio(t);
      if (a > 0) positive += a * Math.min(x, high);
      else negative -= a * Math.max(x, low);
    }
    return negative == 0 ? 1 : positive / (positive + negative);
  }

  /** A share ρ is a ratio of ρ/(1 − ρ): 0.4 is 2/3. */
  @Test void a_share_and_the_ratio_it_stands_for_choose_the_same_bounds() {
    for (long seed = 1; seed <= 4; seed++) {
      TokenBatch batch = Batches.random(seed, 10, 9, 0.5);
      for (double share : new double[] {0.3, 0.4, 0.45, 0.5, 0.6}) {
        Evaluation one = objective(Map.of("target", share)).evaluate(batch);
        Evaluation other = objective(Map.of("balance", "ratio", "target", share / (1 - share))).evaluate(batch);
        assertThat(other.dlogp()).isEqualTo(one.dlogp());
        assertThat(other.metrics().get("clip-high").value()).isEqualTo(one.metrics().get("clip-high").value());
      }
    }
  }

  @Test void rounding_never_eats_a_step() {
    TokenBatch losing = Batches.ratios(new double[][] {{1, 1}}, -1);
    Evaluation result = objective(Map.of()).evaluate(losing);
    assertThat(result.metrics().get("clip-low").value()).isEqualTo(0.9);
    assertThat(result.metrics().get("clip-high").value()).isEqualTo(3.0);
  }

  @Test void high_first_takes_whole_steps_only_and_low_first_cuts_the_last_one() {
    TokenBatch losing = Batches.ratios(new double[][] {{1, 1}}, -1);
    Map<String, Object> uneven = new HashMap<>(Map.of("low-start", 0.6, "low-max", 0.95, "low-step", 0.1, "high-start", 1.2, "high-max", 1.5, "high-step", 0.2));
    Evaluation whole = objective(uneven).evaluate(losing);
    assertThat(whole.metrics().get("clip-low").value()).isCloseTo(0.9, within(1e-12));
    assertThat(whole.metrics().get("clip-high").value()).isCloseTo(1.4, within(1e-12));
    uneven.put("order", "low-first");
    Evaluation cut = objective(uneven).evaluate(losing);
    assertThat(cut.metrics().get("clip-low").value()).isEqualTo(0.95);
    assertThat(cut.metrics().get("clip-high").value()).isEqualTo(1.5);
  }

  @Test void without_negative_tokens_the_bounds_stay_and_without_positive_ones_they_run_out() {
    Evaluation winning = objective(Map.of()).evaluate(Batches.ratios(new double[][] {{1, 1.1}}, 1));
    assertThat(winning.metrics().get("clip-high").value()).isEqualTo(1.2);
    assertThat(winning.metrics().get("positive-share").value()).isEqualTo(1);
    Evaluation losing = objective(Map.of()).evaluate(Batches.ratios(new double[][] {{1, 1.1}}, -1));
    assertThat(losing.metrics().get("clip-high").value()).isEqualTo(3);
    assertThat(losing.metrics().get("positive-share").value()).isZero();
    Evaluation idle = objective(Map.of()).evaluate(Batches.ratios(new double[][] {{1, 1.1}}, 0));
    assertThat(idle.metrics().get("clip-low").value()).isEqualTo(0.6);
  }

  @Test void with_fixed_bounds_it_is_ppo() {
    TokenBatch batch = Batches.random(2);
    Map<String, Object> fixed = Map.of("low-start", 0.8, "low-max", 0.8, "high-start", 1.28, "high-max", 1.28);
    Evaluation bapo = objective(fixed).evaluate(batch);
    Evaluation ppo = Methods.named("ppo").assemble(Map.of("clip-low", 0.2, "clip-high", 0.28)).objective().evaluate(batch);
    assertThat(bapo.loss()).isEqualTo(ppo.loss());
    assertThat(bapo.dlogp()).isEqualTo(ppo.dlogp());
  }

  @Test void micro_batch_scope_balances_each_part_by_itself() {
    assertThat(objective(Map.of("scope", "micro-batch")).local()).isTrue();
    assertThat(objective(Map.of()).local()).isFalse();
  }

  /** x = 1.25 with A = 1 is above the start 1.2 and below the chosen 1.3: freed; x = 2 stays blocked. */
  @Test void tokens_freed_and_blocked_are_counted_by_sign() {
    TokenBatch batch = Batches.ratios(new double[][] {{1.25, 2}, {0.5, 1}}, 1, -1);
    Map<String, Object> settings = Map.of("high-max", 1.3, "high-step", 0.1, "target", 1, "low-max", 0.6);
    Evaluation result = objective(settings).evaluate(batch);
    assertThat(result.metrics().get("freed-positive-fraction").value()).isEqualTo(0.5);
    assertThat(result.metrics().get("blocked-positive-fraction").value()).isEqualTo(0.5);
    assertThat(result.metrics().get("blocked-negative-fraction").value()).isEqualTo(0.5);
    assertThat(result.metrics().get("freed-positive-probability").value()).isCloseTo(1.25 / Math.E, within(1e-12));
  }

  @Test void ranges_that_make_no_sense_are_refused_by_name() {
    assertThatThrownBy(() -> objective(Map.of("low-max", 0.5))).hasMessageContaining("low-max");
    assertThatThrownBy(() -> objective(Map.of("high-start", 0.9))).hasMessageContaining("high-start");
    assertThatThrownBy(() -> objective(Map.of("target", 1.5))).hasMessageContaining("target").hasMessageContaining("1.5");
    assertThatThrownBy(() -> objective(Map.of("high-step", -1))).hasMessageContaining("high-step");
  }
}
