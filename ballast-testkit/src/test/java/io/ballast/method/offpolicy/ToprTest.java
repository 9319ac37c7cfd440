package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.offpolicy.Tapered;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ToprTest extends ObjectiveKit {
  @Override protected String method() {
    return "topr";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("level", "sequence", "aggregation", "seq-mean-token-mean"),
        Map.of("positive", "score", "w-pos", 0.5, "w-neg", 2));
  }

  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    PolicyObjective policy = (PolicyObjective) objective;
    double[] ratio = Cases.ratios(policy.level(), base);
    return Surrogates.loss(policy.aggregation(), base, moved, (b, m, t) ->
        weight((Tapered) policy.surrogate(), b, t, ratio[t]) * b.advantage()[t] * m.logp()[t]);
  }

  private static double weight(Tapered term, TokenBatch batch, int t, double ratio) {
    double sign = term.byScore() ? batch.column("reward")[t] : batch.advantage()[t];
    return sign > 0 ? term.positive() : term.negative() * Math.min(ratio, 1);
  }

  /** Ratio ½, A = −1, reward 1: by its score the answer is positive and keeps its full weight; w-pos and w-neg scale each side. */
  @Test void the_score_may_decide_by_hand() {
    TokenBatch batch = Cases.one(new double[] {-1 + Math.log(0.5)}, new double[] {-1}, -1).withColumn("reward", new double[] {1});
    assertThat(objective(Map.of()).evaluate(batch).dlogp()).containsExactly(new double[] {0.5}, within(1e-12));
    assertThat(objective(Map.of("positive", "score", "w-pos", 3)).evaluate(batch).dlogp()).containsExactly(new double[] {3}, within(1e-12));
    assertThat(objective(Map.of("w-neg", 3)).evaluate(batch).dlogp()).containsExactly(new double[] {1.5}, within(1e-12));
  }

  /** Ratios to the sampler 0.5 and 2: a positive counts fully either way, a negative by 0.5 and by 1. */
  @Test void negatives_taper_by_hand() {
    double[] sampler = {-1, -1}, logp = {-1 + Math.log(0.5), -1 + Math.log(2)};
    assertThat(objective(Map.of()).evaluate(Cases.one(logp, sampler, 1)).dlogp()).containsExactly(-0.5, -0.5);
    assertThat(objective(Map.of()).evaluate(Cases.one(logp, sampler, -1)).dlogp()).containsExactly(new double[] {0.25, 0.5}, within(1e-12));
    assertThat(objective(Map.of("level", "sequence")).evaluate(Cases.one(logp, sampler, -1)).dlogp())
        .as("the product is 1").containsExactly(new double[] {0.5, 0.5}, within(1e-12));
  }
}
