package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.advantage.Rewards;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Mix;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.Arrays;
import java.util.HashMap;
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
        Map.of("log-epsilon-p", -0.3, "log-epsilon-r", 0.3, "clip-low", 0.15, "clip-high", 0.15),
        SAMPLED);
  }

  /** γ = 1, so that B = u; bounds tight enough that chance stops about half of the tokens. */
  private static final Map<String, Object> SAMPLED =
      Map.of("sampling", true, "beta-gamma", 1, "m-p", 1.2, "m-r", 1.2, "clip-low", 0.15, "clip-high", 0.15, "kl-coefficient", 0);

  /** A token that chance stops counts with its value at the base point. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    if (!objective.toString().contains("PerceptionGate")) return super.surrogate(objective, base, moved);
    return Surrogates.loss(aggregation(objective), base, moved, (then, now, t) -> {
      int s = 0;
      while (then.offsets()[s + 1] <= t) s++;
      double start = Math.exp(then.logp()[t] - then.column(Column.REF_LOGP)[t]);
      boolean stopped = start < 1.2 * draw(then, s, t, 0) || 1 / start < 1.2 * draw(then, s, t, 1);
      double x = stopped ? start : Math.exp(now.logp()[t] - now.column(Column.REF_LOGP)[t]), a = now.advantage()[t];
      return Math.min(x * a, Math.clamp(x, 0.85, 1.15) * a);
    });
  }

  private static double draw(TokenBatch batch, int s, int t, int side) {
    return Mix.uniform(0, 0, batch.ids()[s], t - batch.offsets()[s], side);
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

  private static TokenBatch againstReference(double[][] ratio, double advantage) {
    TokenBatch ratios = Batches.ratios(ratio, advantage);
    return ratios.withColumn(Column.REF_LOGP, ratios.oldLogp());
  }

  /**
   * γ = 1 and ±1.5: M_P = M_R = 2 e^−1.5 = 0.4463. x = 5 and A = −1: stopped where 1/5 < 0.4463 u, u > 0.4482. The draws of the three tokens are
   * u = 0.6454, 0.2908, 0.7870: the second keeps its slope, 5/3. The values stay: L = 5.
   */
  @Test void draws_stop_gradients_and_keep_values_by_hand() {
    TokenBatch batch = againstReference(new double[][] {{5, 5, 5}}, -1);
    for (int t = 0; t < 3; t++) assertThat(draw(batch, 0, t, 1)).isCloseTo(new double[] {0.6454, 0.2908, 0.7870}[t], within(1e-4));
    Evaluation result = objective(Map.of("sampling", true, "gamma", 1, "kl-coefficient", 0)).evaluate(batch);
    assertThat(result.loss()).isCloseTo(5, within(1e-12));
    assertThat(result.dlogp()).containsExactly(new double[] {0, 5.0 / 3, 0}, within(1e-12));
    assertThat(result.metrics().get("detached-fraction").value()).isCloseTo(2.0 / 3, within(1e-12));
  }

  /** P(stopped) = 1 − (1/(5 M_R))^γ with M_R = e^−1.5 (γ + 1)/γ: γ = 1: 0.552; γ = 4: 0.741; γ = 1000: 1, as the interval has it. */
  @Test void as_many_tokens_are_stopped_as_the_distribution_says() {
    double[] fives = new double[50_000];
    Arrays.fill(fives, 5);
    TokenBatch batch = againstReference(new double[][] {fives}, -1);
    for (double[] expected : new double[][] {{1, 0.552}, {4, 0.741}, {1000, 1}}) {
      var result = objective(Map.of("sampling", true, "beta-gamma", expected[0])).evaluate(batch);
      assertThat(result.metrics().get("detached-fraction").value()).as("gamma " + expected[0]).isCloseTo(expected[1], within(0.01));
    }
  }

  @Test void another_seed_and_the_next_step_draw_anew() {
    TokenBatch batch = batches().getFirst();
    Objective objective = objective(SAMPLED);
    Evaluation first = objective.evaluate(batch);
    assertThat(objective.next(batch, first).evaluate(batch).dlogp()).isNotEqualTo(first.dlogp());
    Map<String, Object> other = new HashMap<>(SAMPLED);
    other.put("seed", 1);
    assertThat(objective(other).evaluate(batch).dlogp()).isNotEqualTo(first.dlogp());
  }

  @Test void sampling_wants_a_gamma_and_clipping_has_none() {
    assertThatThrownBy(() -> objective(Map.of("sampling", true))).hasMessage("beta-gamma must be given with sampling: none was published; 1 makes B uniform");
    assertThatThrownBy(() -> objective(Map.of("beta-gamma", 2))).hasMessage("beta-gamma must be none without sampling, got 2.0");
    assertThatThrownBy(() -> objective(Map.of("sampling", true, "beta-gamma", 0))).hasMessage("beta-gamma must be above 0.0, got 0.0");
  }
}
