package io.ballast.method.offpolicy;

import io.ballast.objective.Clip;
import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.SegmentRatio;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.List;
import java.util.Map;

class GspoTokenTest extends ObjectiveKit {
  @Override protected String method() {
    return "gspo-token";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("clip-low", 0.05, "clip-high", 0.05, "top-entropy", 0.4));
  }

  @Override protected TokenBatch dressed(TokenBatch batch) {
    return Batches.withTokenAdvantages(batch, 5);
  }

  /** sg[s] exp(logp − sg[logp]): the sequence's value, the token's own gradient. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    PolicyObjective policy = (PolicyObjective) objective.prepared(base);
    double[] s = Cases.ratios(SegmentRatio.sequenceMean(SegmentRatio.Gradient.OWN), base), keep = Cases.factor(policy, base);
    Clip clip = (Clip) policy.surrogate();
    return Surrogates.loss(policy.aggregation(), base, moved, (b, m, t) -> {
      double x = s[t] * Math.exp(m.logp()[t] - b.logp()[t]), a = b.advantage()[t];
      return keep[t] * Math.min(x * a, Math.clamp(x, clip.low(), clip.high()) * a);
    });
  }
}
