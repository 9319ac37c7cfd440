package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.advantage.Rewards;
import io.ballast.advantage.TokenWeightedGroup;
import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.offpolicy.HeterogeneousClip;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HapoTokenTest extends ObjectiveKit {
  @Override protected String method() {
    return "hapo-token";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("sign", "released"),
        Map.of("clip-alpha", 0.5, "adv-beta", 0.3, "dual-clip", 1.3, "aggregation", "seq-mean-token-mean"));
  }

  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  /** The side of the neutral zone, and so the advantage, is decided at the base. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    PolicyObjective policy = (PolicyObjective) objective.prepared(base);
    HeterogeneousClip term = (HeterogeneousClip) policy.surrogate();
    double[] score = score(base.column("entropy"), term);
    return Surrogates.loss(policy.aggregation(), base, moved, (b, m, t) -> {
      double h = score[t], low = h <= 0 ? term.low() * (1 - term.alpha() * h) : term.low();
      double high = h > 0 ? term.high() * (1 + term.alpha() * h) : term.high(), at = b.ratio(t), x = m.ratio(t);
      boolean zone = at > 1 - low / 2 && at < 1 + high / 2;
      double plain = b.advantage()[t], a = (h > 0) == zone ? plain : plain * (1 + term.beta() * h);
      double j = Math.min(x * a, Math.clamp(x, 1 - low, 1 + high) * a);
      return a < 0 ? Math.max(j, term.cap() * a) : j;
    });
  }

  /** ĥ with the deviation written out, which cancels. */
  private static double[] score(double[] entropy, HeterogeneousClip term) {
    double[] h = Arrays.stream(entropy).map(x -> Math.log(Math.max(x, 1e-8))).toArray(), sorted = h.clone();
    Arrays.sort(sorted);
    double q = sorted[(int) Math.rint(term.pivot() * (h.length - 1))], square = 0;
    for (double x : h) square += (x - q) * (x - q) / h.length;
    for (int t = 0; t < h.length; t++) h[t] = (h[t] - q) / Math.sqrt(square);
    double most = Arrays.stream(h).max().orElseThrow(), least = Arrays.stream(h).min().orElseThrow();
    return Arrays.stream(h).map(x -> x > 0 ? x / most : x < 0 ? x / (term.released() ? least : Math.abs(least)) : 0).toArray();
  }

  /**
   * H = (0.01, 0.05, 0.2, 0.8, 1.5), pivot 0.8: q = ln 0.8, so ĥ = (−1, −0.633, −0.316, 0, 1), released (1, 0.633, 0.316, 0, 1). At ratio one, A = 1,
   * all tokens are in the zone: A' = 1 + ĥ where ĥ ≤ 0, else 1.
   */
  @Test void five_entropies_by_hand() {
    double[] old = {-1, -1, -1, -1, -1};
    var batch = Cases.one(old, old, 1).withColumn("entropy", new double[] {0.01, 0.05, 0.2, 0.8, 1.5});
    double[] signed = objective(Map.of()).evaluate(batch).dlogp();
    double second = Math.log(0.05 / 0.8) / Math.log(0.01 / 0.8), third = Math.log(0.2 / 0.8) / Math.log(0.01 / 0.8);
    assertThat(second).isCloseTo(0.633, within(1e-3));
    assertThat(third).isCloseTo(0.316, within(1e-3));
    assertThat(signed).containsExactly(new double[] {0, -(1 - second) / 5, -(1 - third) / 5, -0.2, -0.2}, within(1e-12));
    assertThat(objective(Map.of("sign", "released")).evaluate(batch).dlogp()).containsExactly(new double[] {-0.2, -0.2, -0.2, -0.2, -0.2}, within(1e-12));
  }

  /** Two answers of one prompt, 1 and 3 tokens, rewards 1 and 0: mean 1/4, deviation √(3/16); A = 0.75/0.4330, −0.25/0.4330. */
  @Test void a_long_answer_weighs_more_in_the_group_by_hand() {
    var rewards = new Rewards(new int[] {0, 0}, new double[] {1, 0}, new int[] {0, 1, 4}, Map.of(), Map.of());
    double deviation = Math.sqrt(3.0 / 16) + 1e-6;
    assertThat(new TokenWeightedGroup(5).estimate(rewards))
        .containsExactly(new double[] {0.75 / deviation, -0.25 / deviation, -0.25 / deviation, -0.25 / deviation}, within(1e-9));
  }

  /** 1 token against 99: A of the short one would be √99 > 5, so both take the plain score, ±0.5/√0.5. */
  @Test void an_extreme_group_falls_back_to_the_plain_score() {
    var rewards = new Rewards(new int[] {0, 0}, new double[] {1, 0}, new int[] {0, 1, 100}, Map.of(), Map.of());
    double[] advantage = new TokenWeightedGroup(5).estimate(rewards);
    assertThat(advantage[0]).isCloseTo(Math.sqrt(0.5), within(1e-5));
    assertThat(advantage[1]).isCloseTo(-Math.sqrt(0.5), within(1e-5));
  }
}
