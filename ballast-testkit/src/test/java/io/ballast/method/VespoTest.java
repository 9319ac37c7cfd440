package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.clipping.SoftSequenceWeight;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VespoTest extends ObjectiveKit {
  @Override protected String method() {
    return "vespo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of());
  }

  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    return Surrogates.loss(aggregation(objective), base, moved, (then, now, t) -> {
      int s = 0;
      while (then.offsets()[s + 1] <= t) s++;
      double log = 0;
      for (int u = then.offsets()[s]; u < then.offsets()[s + 1]; u++) log += then.logp()[u] - then.oldLogp()[u];
      boolean negative = now.advantage()[t] < 0;
      double k = negative ? 3 : 2, lambda = negative ? 2 : 3;
      double phi = Math.pow(Math.exp(log), k) * Math.exp(lambda * (1 - Math.exp(log)));
      return phi * now.advantage()[t] * now.logp()[t];
    });
  }

  /** φ(W) of the paper's tables: W = 0.1, 0.5, 2, 3. */
  @Test void weights_by_hand() {
    SoftSequenceWeight weight = new SoftSequenceWeight(2, 3, 3, 2);
    double[] w = {0.1, 0.5, 2, 3}, positive = {0.149, 1.120, 0.199, 0.022}, negative = {0.006, 0.340, 1.083, 0.495};
    for (int i = 0; i < w.length; i++) {
      assertThat(weight.weight(Math.log(w[i]), false)).isCloseTo(positive[i], within(5e-4));
      assertThat(weight.weight(Math.log(w[i]), true)).isCloseTo(negative[i], within(5e-4));
    }
  }
}
