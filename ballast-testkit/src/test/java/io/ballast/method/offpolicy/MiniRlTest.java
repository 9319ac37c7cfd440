package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.WeightClip;
import io.ballast.objective.offpolicy.ProximalMask;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MiniRlTest extends ObjectiveKit {
  @Override protected String method() {
    return "minirl";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("weight-cap", 1.1, "clip-low", 0.1),
        Map.of("weight-cap", "none", "aggregation", "token-mean"));
  }

  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    PolicyObjective policy = (PolicyObjective) objective;
    double cap = ((WeightClip) policy.surrogate()).highPositive();
    ProximalMask mask = (ProximalMask) policy.weightings().getFirst();
    return Surrogates.loss(policy.aggregation(), base, moved, (b, m, t) -> {
      double a = b.advantage()[t], w = Math.min(Math.exp(b.logp()[t] - b.behaviourLogp()[t]), cap);
      boolean out = a > 0 && b.ratio(t) > mask.high() || a < 0 && b.ratio(t) < mask.low();
      return out ? 0 : w * a * m.logp()[t];
    });
  }

  /** sampler −1.5, proximal −1.2, current −1.1: weight e^0.4 = 1.4918, ratio e^0.1 inside [0.8, 1.27]; A = 2: dJ/dlogp = 2.98365. */
  @Test void one_token_by_hand() {
    var batch = Cases.one(new double[] {-1.1}, new double[] {-1.2}, 2).withColumn("behaviourLogp", new double[] {-1.5});
    assertThat(objective(Map.of()).evaluate(batch).dlogp()[0]).isCloseTo(-2.9836494, within(1e-7));
    var drifted = Cases.one(new double[] {-1.1}, new double[] {-1.5}, 2).withColumn("behaviourLogp", new double[] {-1.5});
    assertThat(objective(Map.of()).evaluate(drifted).dlogp()[0]).as("e^0.4 is above 1.27").isZero();
  }
}
