package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PspoTest extends ObjectiveKit {
  @Override protected String method() {
    return "pspo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of(), Map.of("alpha", 0.5, "aggregation", "token-mean"));
  }

  @Override protected double slopeAtRatioOne() {
    return 0.9;
  }

  /** alpha 0.1, r = 2: r_s = 0.9·2 + 0.1 = 1.9, J = 1.9 A, slope 1.8 A. */
  @Test void tokens_by_hand() {
    Hand.expect("pspo", Map.of(), 2, 1, 1.9, 1.8);
    Hand.expect("pspo", Map.of(), 2, -1, -1.9, -1.8);
    Hand.expect("pspo", Map.of(), 1, 0.5, 0.5, 0.45);
  }

  @Test void its_gradient_is_plain_importance_weighting_times_one_minus_alpha() {
    for (TokenBatch batch : batches()) {
      double[] plain = Hand.evaluate("pspo", Map.of("alpha", 0), batch).dlogp();
      assertThat(Hand.evaluate("pspo", Map.of("alpha", 0.3), batch).dlogp())
          .containsExactly(Arrays.stream(plain).map(g -> 0.7 * g).toArray(), within(1e-15));
    }
  }
}
