package io.ballast.method.offpolicy;

import java.util.Map;

class GeometricTest extends CorrectionMethodKit {
  @Override protected String method() {
    return "geometric";
  }

  @Override Map<String, Object> settings() {
    return Map.of("lower", 0.9, "upper", 1.1, "weight", "token");
  }
}
