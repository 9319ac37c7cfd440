package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ReinforceTest {

  @Nested class OnPolicy extends ObjectiveKit {
    @Override protected String method() {
      return "reinforce";
    }

    @Override protected List<Map<String, Object>> variants() {
      return List.of(Map.of(), Map.of("off-policy-mask", 0.02, "aggregation", "token-mean"));
    }

    /** A = 2, logp = −1 + ln x = (−1, −1 + ln 2): L = −2 (−2 + ln 2), the mean over one answer of its sum; dL/dlogp = −2 each. */
    @Test void two_tokens_by_hand() {
      Evaluation result = objective(Map.of()).evaluate(Batches.ratios(new double[][] {{1, 2}}, 2));
      assertThat(result.loss()).isCloseTo(-2 * (-2 + Math.log(2)), within(1e-12));
      assertThat(result.dlogp()).containsExactly(-2, -2);
    }

    @Test void is_ppo_on_the_first_epoch() {
      TokenBatch batch = Batches.onPolicy(Batches.random(1));
      double[] ppo = Methods.named("ppo").assemble(Map.of()).objective().evaluate(batch).dlogp();
      assertThat(objective(Map.of("aggregation", "token-mean")).evaluate(batch).dlogp()).containsExactly(ppo, near());
    }
  }

  @Nested class WithTokenWeights extends ObjectiveKit {
    @Override protected String method() {
      return "reinforce";
    }

    @Override protected List<Map<String, Object>> variants() {
      return List.of(Map.of("importance", "token", "importance-cap", 1.3));
    }

    @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
      return Surrogates.loss(aggregation(objective), base, moved,
          (then, now, t) -> Math.min(then.ratio(t), 1.3) * now.advantage()[t] * now.logp()[t]);
    }
  }

  @Nested class WithSequenceWeights extends ObjectiveKit {
    @Override protected String method() {
      return "reinforce";
    }

    @Override protected List<Map<String, Object>> variants() {
      return List.of(Map.of("importance", "sequence"));
    }

    @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
      return Surrogates.loss(aggregation(objective), base, moved, (then, now, t) -> {
        int s = 0;
        while (then.offsets()[s + 1] <= t) s++;
        double product = 1;
        for (int u = then.offsets()[s]; u < then.offsets()[s + 1]; u++) product *= then.ratio(u);
        return Math.min(product, 2) * now.advantage()[t] * now.logp()[t];
      });
    }
  }
}
