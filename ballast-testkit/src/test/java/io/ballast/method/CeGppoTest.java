package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CeGppoTest extends ObjectiveKit {
  @Override protected String method() {
    return "ce-gppo";
  }

  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    return Surrogates.loss(aggregation(objective), base, moved, (then, now, t) -> {
      double a = now.advantage()[t], x = now.ratio(t), start = then.ratio(t);
      double kept = start > 1.2 && a > 0 ? 1.2 / start : start < 0.8 && a < 0 ? 0.75 * 0.8 / start : 1;
      return kept * x * a;
    });
  }

  @Test void with_both_factors_one_it_is_gppo() {
    TokenBatch batch = Batches.random(3);
    Map<String, Object> ones = Map.of("b1", 1, "b2", 1, "clip-high", 0.28);
    assertThat(objective(ones).evaluate(batch)).usingRecursiveComparison()
        .isEqualTo(Methods.named("gppo").assemble(Map.of()).objective().evaluate(batch));
  }

  @Test void with_both_factors_zero_it_has_the_gradient_of_ppo() {
    TokenBatch batch = Batches.random(3);
    Map<String, Object> zeros = Map.of("b1", 0, "b2", 0);
    double[] ppo = Methods.named("ppo").assemble(Map.of("dual-clip", 10)).objective().evaluate(batch).dlogp();
    double[] ce = objective(zeros).evaluate(batch).dlogp();
    for (int t = 0; t < ppo.length; t++) assertThat(ce[t] + 0.0).isEqualTo(ppo[t] + 0.0);
  }
}
