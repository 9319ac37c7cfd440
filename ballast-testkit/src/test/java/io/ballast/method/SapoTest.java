package io.ballast.method;

import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SapoTest extends ObjectiveKit {
  @Override protected String method() {
    return "sapo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of(), Map.of("tau-pos", 3, "tau-neg", 5, "aggregation", "token-mean"));
  }

  /** r = 1: s = ½, J = 4·½·A = 2, slope 4·¼·1 = 1. r = 2: s = σ(1) = 0.731059, J = 4 s = 2.9242, slope 4 s (1 − s)·2 = 1.5729. */
  @Test void tokens_by_hand() {
    Hand.expect("sapo", Map.of(), 0.5, 1, 1.5102, 0.4700);
    Hand.expect("sapo", Map.of(), 1, 1, 2, 1);
    Hand.expect("sapo", Map.of(), 1.5, 1, 2.4898, 1.4100);
    Hand.expect("sapo", Map.of(), 2, 1, 2.9242, 1.5729);
    Hand.expect("sapo", Map.of(), 3, 1, 3.5232, 1.2599);
    Hand.expect("sapo", Map.of(), 1, -1, -1.9048, -1);
    Hand.expect("sapo", Map.of(), 2, -1, -4 / 1.05 * 0.740775, -1.5362); // σ(1.05) = 0.740775
  }
}
