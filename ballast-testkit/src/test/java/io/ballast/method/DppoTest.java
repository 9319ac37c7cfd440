package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.objective.Aggregation;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class DppoTest extends ObjectiveKit {
  @Override protected String method() {
    return "dppo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("divergence", "kl"),
        Map.of("support", "top-k", "delta-low", 0.2, "delta-high", 0.1),
        Map.of("support", "top-k", "divergence", "kl", "behaviour", "recompute"),
        Map.of("behaviour", "proximal", "c", 1.1));
  }

  /** Everything but logp is detached: mask and capped weight are read off the gradient at the base and held there. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    double[] dlogp = objective.evaluate(base).dlogp();
    double[] weights = new Aggregation.Constant(OptionalInt.empty()).weights(base);
    return Surrogates.loss(new Aggregation.Constant(OptionalInt.empty()), base, moved, (b, m, t) -> {
      int s = 0;
      while (b.offsets()[s + 1] <= t) s++;
      return -dlogp[t] / weights[s] * m.logp()[t];
    });
  }

  private static TokenBatch token(double p, double q, double advantage) {
    return Hand.tokens(new double[] {Math.log(p)}, new double[] {Math.log(q)}, new double[] {advantage});
  }

  /** 0.01 → 0.03: r = 3, TV 0.02, KL 0.0092: kept, though PPO clips it. 0.95 → 0.78: TV 0.17, KL 0.113: dropped for A < 0, though PPO keeps it. */
  @Test void probabilities_count_and_not_ratios() {
    TokenBatch rare = token(0.03, 0.01, 1), common = token(0.78, 0.95, -1);
    for (String divergence : List.of("tv", "kl")) {
      Map<String, Object> settings = Map.of("divergence", divergence);
      assertThat(Hand.evaluate("dppo", settings, rare).dlogp()[0]).isCloseTo(-3, near());
      assertThat(Hand.evaluate("dppo", settings, common).dlogp()[0]).isZero();
    }
    assertThat(Hand.evaluate("ppo", Map.of(), rare).dlogp()[0]).isZero();
    assertThat(Hand.evaluate("ppo", Map.of(), common).dlogp()[0]).isNotZero();
  }

  /** An update that brings the token back is kept however far it has gone. */
  @Test void the_way_back_is_free() {
    assertThat(Hand.evaluate("dppo", Map.of(), token(0.78, 0.95, 1)).dlogp()[0]).isCloseTo(-0.78 / 0.95, near());
    assertThat(Hand.evaluate("dppo", Map.of(), token(0.5, 0.1, -1)).dlogp()[0]).isCloseTo(5, near());
  }

  /** P = (0.5, 0.3), rest 0.2; Q = (0.3, 0.3), rest 0.4: TV = ½ (0.2 + 0 + 0.2) = 0.2, KL = 0.5 ln(5/3) + 0.2 ln(½) = 0.1168. */
  @Test void the_rest_of_the_vocabulary_is_one_bucket() {
    TokenBatch batch = token(0.5, 0.3, 1)
        .withColumn(Column.BEHAVIOUR_TOP_LOGP, new double[] {Math.log(0.5), Math.log(0.3)})
        .withColumn(Column.LOGP_AT_BEHAVIOUR_TOP, new double[] {Math.log(0.3), Math.log(0.3)});
    for (var bound : Map.of("tv", 0.2, "kl", 0.1167824).entrySet()) {
      for (double side : new double[] {-1e-6, 1e-6}) {
        Evaluation result = Hand.evaluate("dppo", Map.of("support", "top-k", "divergence", bound.getKey(), "delta-high", bound.getValue() + side), batch);
        if (side < 0) assertThat(result.dlogp()[0]).isZero();
        else assertThat(result.dlogp()[0]).isNotZero();
      }
    }
  }
}
