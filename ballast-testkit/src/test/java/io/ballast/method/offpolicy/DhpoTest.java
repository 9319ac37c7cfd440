package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.method.Methods;
import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.SegmentRatio;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.offpolicy.HybridRatio;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DhpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "dhpo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of("es-lo", 0.1, "es-hi", 0.1),
        Map.of("reading", "b", "es-lo", 0.1, "es-hi", 0.1),
        Map.of("reading", "c", "es-lo", 0.1, "es-hi", 0.1),
        Map.of("w", 0.8, "es-lo", 0.1, "es-hi", 0.1),
        Map.of("weighting", "entropy-guided", "es-lo", 0.05),
        Map.of("weighting", "entropy-guided", "invert", true, "reading", "b"));
  }

  /** The sequence ratio in token form; weight, and the side of the minimum, follow from the values. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    PolicyObjective policy = (PolicyObjective) objective;
    HybridRatio term = (HybridRatio) policy.surrogate();
    double[] shared = Cases.ratios(SegmentRatio.sequenceMean(SegmentRatio.Gradient.OWN), base);
    return Surrogates.loss(policy.aggregation(), base, moved, (b, m, t) -> {
      double r = m.ratio(t), s = shared[t] * Math.exp(m.logp()[t] - b.logp()[t]), a = b.advantage()[t], w = weight(term, b, t);
      double rc = Math.clamp(r, 1 - term.token().low(), 1 + term.token().high());
      double sc = Math.clamp(s, 1 - term.sequence().low(), 1 + term.sequence().high());
      double mix = w * r + (1 - w) * s, held = w * rc + (1 - w) * sc;
      return switch (term.composition()) {
        case MIN_OF_MIXTURES -> Math.min(mix * a, held * a);
        case MIXTURE_OF_MINS -> w * Math.min(r * a, rc * a) + (1 - w) * Math.min(s * a, sc * a);
        case CLIPPED_ONLY -> held * a;
      };
    });
  }

  private static double weight(HybridRatio term, TokenBatch batch, int t) {
    if (term.weight() == HybridRatio.Weight.SHARE) return term.share();
    int s = Arrays.binarySearch(batch.offsets(), t);
    while (s < 0 || batch.offsets()[s + 1] <= t) s = s < 0 ? -s - 2 : s + 1;
    double[] entropy = Arrays.copyOfRange(batch.column("entropy"), batch.offsets()[s], batch.offsets()[s + 1]);
    double least = Arrays.stream(entropy).min().orElseThrow(), most = Arrays.stream(entropy).max().orElseThrow();
    double share = (batch.column("entropy")[t] - least) / (most - least + 1e-8);
    return term.weight() == HybridRatio.Weight.ENTROPY ? share : 1 - share;
  }

  /**
   * Bands 0.2 and (3e-4, 4e-4), weight a half. r = 3, s = 0.5, A = 1: the clipped mixture is (1.2 + 0.9997)/2 = 1.09985, the unclipped one 1.75:
   * A and C give 1.09985; B (1.2 + 0.5)/2 = 0.85. r = 3, s = 1, A = −1: A and B −2, C −(1.2 + 1)/2 = −1.1.
   * Second tokens bring the geometric mean to s: r₂ = s²/r.
   */
  @Test void the_three_readings_differ_by_hand() {
    assertThat(value("a", 3, 0.5, 1)).isCloseTo(1.09985, within(1e-12));
    assertThat(value("b", 3, 0.5, 1)).isCloseTo(0.85, within(1e-12));
    assertThat(value("c", 3, 0.5, 1)).isCloseTo(1.09985, within(1e-12));
    assertThat(value("a", 3, 1, -1)).isCloseTo(-2, within(1e-12));
    assertThat(value("b", 3, 1, -1)).isCloseTo(-2, within(1e-12));
    assertThat(value("c", 3, 1, -1)).isCloseTo(-1.1, within(1e-12));
  }

  /** All weight on the token's ratio is PPO's clip, all on the sequence's GSPO's, with their bounds. */
  @Test void the_ends_of_the_mixture_are_grpo_and_gspo() {
    TokenBatch batch = Batches.random(5, 10, 9, 0.3);
    double[] token = objective(Map.of("w", 1)).evaluate(batch).dlogp(), sequence = objective(Map.of("w", 0)).evaluate(batch).dlogp();
    assertThat(token).containsExactly(Methods.named("grpo").assemble(Map.of("clip-high", 0.28)).objective().evaluate(batch).dlogp(), within(1e-13));
    assertThat(sequence).containsExactly(Methods.named("gspo").assemble(Map.of()).objective().evaluate(batch).dlogp(), within(1e-13));
  }

  /** J of the first token, whose ratio is r: the second has advantage 0. */
  private double value(String reading, double r, double s, double advantage) {
    double[] old = {-4, -4};
    var batch = Cases.one(new double[] {-4 + Math.log(r), -4 + Math.log(s * s / r)}, old, 1).withAdvantage(new double[] {advantage, 0});
    return -2 * objective(Map.of("reading", reading, "et-hi", 0.2)).evaluate(batch).loss();
  }
}
