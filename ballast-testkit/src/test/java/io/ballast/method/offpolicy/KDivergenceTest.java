package io.ballast.method.offpolicy;

import java.util.Map;

class KDivergenceTest extends CorrectionMethodKit {
  @Override protected String method() {
    return "k-divergence";
  }

  @Override Map<String, Object> settings() {
    return Map.of("fold", "token", "upper", 0.02);
  }
}
