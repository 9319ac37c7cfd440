package io.ballast.method;

import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CfpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "cfpo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of(), Map.of("eps-low", 0.1, "eps-high", 0.3), Map.of("kl-coefficient", 0.05));
  }

  /** eps-high 0.4 for A > 0: r = 1.4 is the optimum, J = 1.4 − 0.16/0.8 = 1.2. eps-low 0.1 for A < 0: r = 0.9, J = −0.9 − 0.01/0.2 = −0.95. */
  @Test void each_sign_has_its_own_band() {
    Map<String, Object> bands = Map.of("eps-low", 0.1, "eps-high", 0.4);
    Hand.expect("cfpo", bands, 1.4, 1, 1.2, 0);
    Hand.expect("cfpo", bands, 0.9, -1, -0.95, 0);
  }
}
