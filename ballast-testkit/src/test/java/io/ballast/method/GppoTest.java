package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Aggregation.TokenMean;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GppoTest extends ObjectiveKit {
  @Override protected String method() {
    return "gppo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of("dual-clip", "none"),
        Map.of("dual-clip", 1.5),
        Map.of("dual-clip", "none", "positive-sft-coefficient", 0.1));
  }

  /** J = bound / sg[x] · x A beyond the bounds, written with the ratio at the base point. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    double cap = objective.toString().contains("cap=1.5") ? 1.5 : Double.POSITIVE_INFINITY;
    boolean imitates = objective.toString().contains("PositiveLikelihood");
    long positives = Arrays.stream(base.advantage()).filter(a -> a > 0).count();
    return Surrogates.loss(new TokenMean(), base, moved, (then, now, t) -> {
      double a = now.advantage()[t], x = now.ratio(t), start = then.ratio(t);
      double kept = start > 1.28 && a > 0 ? 1.28 / start : start < 0.8 && a < 0 ? 0.8 / start : 1;
      double policy = a < 0 ? Math.max(kept * x * a, cap * a) : kept * x * a;
      double imitation = imitates && a > 0 ? 0.1 * now.logp()[t] * now.step().tokens() / positives : 0;
      return policy + imitation;
    });
  }

  /** A = 1, x = 2 > 1.28: value and slope 1.28. A = −1, x = 0.5 < 0.8: value and slope −0.8. Two tokens: L = −0.48/2. */
  @Test void two_tokens_by_hand() {
    Evaluation result = objective(Map.of()).evaluate(Batches.ratios(new double[][] {{2}, {0.5}}, 1, -1));
    assertThat(result.loss()).isCloseTo(-0.24, within(1e-12));
    assertThat(result.dlogp()).containsExactly(new double[] {-0.64, 0.4}, within(1e-12));
  }
}
