package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.SegmentRatio;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DecoupledPpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "decoupled-ppo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("upper", 1.1, "dual-clip", 1.2),
        Map.of("action", "clamp", "upper", 1.05, "importance-sampling-level", "sequence"),
        Map.of("level", "sequence", "lower", 0.9, "upper", 1.1),
        Map.of("metric", "kl-k3", "upper", 0.02));
  }

  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  /** A sequence ratio keeps the token's own gradient: sg[s] exp(logp − sg[logp]), weighted per token. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    PolicyObjective policy = (PolicyObjective) objective;
    if (!(policy.level() instanceof SegmentRatio)) return super.surrogate(objective, base, moved);
    double[] s = Cases.ratios(policy.level(), base), w = Cases.factor(policy, base);
    return Surrogates.loss(policy.aggregation(), base, moved, (b, m, t) -> {
      double x = s[t] * Math.exp(m.logp()[t] - b.logp()[t]), a = b.advantage()[t];
      return w[t] * Math.min(x * a, Math.clamp(x, 0.8, 1.2) * a);
    });
  }

  /** sampler −1.5, proximal −1.2, current −1.1, A = 1: w = e^0.3 = 1.34986, r = e^0.1 = 1.10517, J = 1.49182 and so its gradient. */
  @Test void one_token_by_hand() {
    var batch = Cases.one(new double[] {-1.1}, new double[] {-1.2}, 1).withColumn("behaviourLogp", new double[] {-1.5});
    Evaluation result = objective(Map.of()).evaluate(batch);
    assertThat(result.loss()).isCloseTo(-1.4918247, within(1e-7));
    assertThat(result.dlogp()[0]).isCloseTo(-1.4918247, within(1e-7));
    assertThat(objective(Map.of("upper", 1.3)).evaluate(batch).loss()).as("1.34986 is beyond 1.3").isZero();
    assertThat(objective(Map.of("action", "clamp", "upper", 1.3)).evaluate(batch).loss()).isCloseTo(-1.3 * Math.exp(0.1), within(1e-12));
  }

  /** With the proximal policy at share a of the way, clipping at 1.2 clips the total ratio at 1.2^(1/(1−a)): 1.44 for a = 1/2. */
  @Test void an_interpolated_anchor_is_another_clip() {
    for (double total : new double[] {1.43, 1.45}) {
      var batch = Cases.one(new double[] {-1 + Math.log(total)}, new double[] {-1}, 1)
          .withColumn("behaviourLogp", new double[] {-1}).withColumn("staleness", new double[] {2});
      double gradient = objective(Map.of("prox-logp-method", "loglinear")).evaluate(batch).dlogp()[0];
      assertThat(gradient).isCloseTo(total < 1.44 ? -total : 0, within(1e-12));
    }
  }
}
