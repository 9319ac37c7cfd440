package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.method.Corrections;
import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.TokenRatio;
import io.ballast.objective.WeightClip;
import io.ballast.method.Methods;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A correction that is a method too: PPO or REINFORCE under it. */
abstract class CorrectionMethodKit extends ObjectiveKit {

  /** Settings of the correction that drop or cut some tokens of the batches, but not all. */
  abstract Map<String, Object> settings();

  @Override protected List<Map<String, Object>> variants() {
    List<Map<String, Object>> variants = new ArrayList<>(List.of(Map.of(), settings()));
    Map<String, Object> bypass = new HashMap<>(settings());
    bypass.put("base", "reinforce");
    variants.add(bypass);
    return variants;
  }

  /** The weight is not 1 where the sampler is not the proximal policy, and what is dropped has no gradient. */
  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  /** Base reinforce takes its weights from the current policy, as constants. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    PolicyObjective policy = (PolicyObjective) objective;
    if (!(policy.surrogate() instanceof WeightClip)) return super.surrogate(objective, base, moved);
    double[] w = Cases.factor(policy, base);
    return Surrogates.loss(policy.aggregation(), base, moved, (b, m, t) -> w[t] * b.advantage()[t] * m.logp()[t]);
  }

  @Test void it_is_ppo_under_the_correction_of_that_name() {
    TokenBatch batch = Batches.random(31, 10, 9, 0.3);
    for (Map<String, Object> settings : List.of(Map.<String, Object>of(), settings())) {
      var weighting = Corrections.named(method()).weighting(settings, true).orElseThrow().prepared(batch, new TokenRatio());
      double[] corrected = Methods.named("ppo").assemble(Map.of()).objective().corrected(weighting).evaluate(batch).dlogp();
      assertThat(objective(settings).evaluate(batch).dlogp()).as(settings.toString()).containsExactly(corrected, within(1e-15));
    }
  }
}
