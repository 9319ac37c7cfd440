package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpoSimpleTest extends ObjectiveKit {
  @Override protected String method() {
    return "spo-simple";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of(), Map.of("eps", 0.1, "kl-coefficient", 0.1));
  }

  /**
   * eps 0.2: J = r A − 2.5 |A| (r − 1)², slope r (A − 5 |A| (r − 1)). A = 1, r = 1.1: 1.1 − 0.025 = 1.075, 1.1·0.5 = 0.55; r = 1.5:
   * 1.5 − 0.625 = 0.875, 1.5·(1 − 2.5) = −2.25. A = −1, r = 0.8: −0.8 − 0.1 = −0.9, 0.8·(−1 + 1) = 0; r = 1.2: −1.2 − 0.1, 1.2·(−2) = −2.4.
   */
  @Test void tokens_by_hand() {
    Hand.expect("spo-simple", Map.of(), 1, 1, 1, 1);
    Hand.expect("spo-simple", Map.of(), 1.1, 1, 1.075, 0.55);
    Hand.expect("spo-simple", Map.of(), 1.2, 1, 1.1, 0);
    Hand.expect("spo-simple", Map.of(), 1.5, 1, 0.875, -2.25);
    Hand.expect("spo-simple", Map.of(), 0.8, -1, -0.9, 0);
    Hand.expect("spo-simple", Map.of(), 1.2, -1, -1.3, -2.4);
    Hand.expect("spo-simple", Map.of(), 0.5, -1, -1.125, 0.75);
  }

  @Test void it_is_cfpo_bit_for_bit() {
    for (TokenBatch batch : batches()) {
      for (String aggregation : List.of("token-mean", "seq-mean-token-mean")) {
        Evaluation spo = Hand.evaluate("spo-simple", Map.of("aggregation", aggregation), batch);
        Evaluation cfpo = Hand.evaluate("cfpo", Map.of("aggregation", aggregation), batch);
        assertThat(spo.loss()).isEqualTo(cfpo.loss());
        assertThat(spo.dlogp()).isEqualTo(cfpo.dlogp());
      }
    }
  }
}
