package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GspoTest extends ObjectiveKit {
  @Override protected String method() {
    return "gspo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("clip-low", 0.03, "clip-high", 0.04),
        Map.of("clip-low", 0.1, "clip-high", 0.1, "aggregation", "token-mean", "kl-coefficient", 0.1, "dual-clip", 1.2));
  }

  /**
   * |o| = 3, logp − oldLogp = (0.02, −0.01, 0): s = exp(0.01/3) = 1.0033389. A = 1: above 1.0004, no gradient. A = −1: −s/3 = −0.3344463 in
   * J for each token, so +0.3344463 in the loss.
   */
  @Test void three_tokens_by_hand() {
    double[] old = {-1, -1, -1}, logp = {-0.98, -1.01, -1};
    Evaluation positive = evaluate(Map.of(), Cases.one(logp, old, 1)), negative = evaluate(Map.of(), Cases.one(logp, old, -1));
    assertThat(positive.dlogp()).containsExactly(new double[3], within(0.0));
    assertThat(positive.loss()).isCloseTo(-1.0004, within(1e-12));
    assertThat(negative.dlogp()).containsExactly(new double[] {0.3344462984, 0.3344462984, 0.3344462984}, within(1e-9));
  }

  private Evaluation evaluate(Map<String, Object> settings, TokenBatch batch) {
    return objective(settings).evaluate(batch);
  }
}
