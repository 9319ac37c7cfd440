package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Clip;
import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.offpolicy.ProximalFrom;
import io.ballast.objective.offpolicy.TruncatedTotal;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PpoEwmaTest extends ObjectiveKit {
  @Override protected String method() {
    return "ppo-ewma";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("imp-max", 1.1),
        Map.of("beta", 0.5, "imp-max", 1.2),
        Map.of("ewma-decay", 0.889, "dual-clip", 1.3));
  }

  @Override protected TokenBatch dressed(TokenBatch batch) {
    return batch.withColumn("ewmaLogp", batch.behaviourLogp());
  }

  /** J as the code writes it, in logarithms; the truncation is a constant. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    if (objective instanceof ProximalFrom averaged) {
      double[] anchor = base.column("ewmaLogp");
      return surrogate(averaged.objective(), base.withOldLogp(anchor), moved.withOldLogp(anchor));
    }
    PolicyObjective policy = (PolicyObjective) objective;
    double cap = ((TruncatedTotal) policy.weightings().getFirst()).cap();
    Clip clip = (Clip) policy.surrogate();
    return Surrogates.loss(policy.aggregation(), base, moved, (b, m, t) -> {
      double a = b.advantage()[t], anchor = b.oldLogp()[t], adjusted = Math.max(b.behaviourLogp()[t], b.logp()[t] - Math.log(cap));
      double free = a * Math.exp(m.logp()[t] - adjusted);
      if (!policy.penalties().isEmpty()) return free - 0.25 * Math.pow(m.logp()[t] - anchor, 2);
      double held = Math.clamp(m.logp()[t] - anchor, Math.log(clip.low()), Math.log(clip.high())) + anchor - adjusted;
      double j = Math.min(free, a * Math.exp(held));
      return a < 0 ? Math.max(j, clip.cap() * a * Math.exp(anchor - adjusted)) : j;
    });
  }

  /** sampler −3, anchor −1.2, current −1.1, imp-max 5: the total ratio e^1.9 = 6.69 is truncated to 5. */
  @Test void the_total_ratio_is_truncated_by_hand() {
    var batch = Cases.one(new double[] {-1.1}, new double[] {-1.2}, 1).withColumn("behaviourLogp", new double[] {-3});
    assertThat(objective(Map.of("imp-max", 5)).evaluate(batch).dlogp()[0]).isCloseTo(-5, within(1e-12));
    assertThat(objective(Map.of()).evaluate(batch).dlogp()[0]).isCloseTo(-6.6858944, within(1e-7));
  }
}
