package io.ballast.method.offpolicy;

import java.util.Map;

class MisTest extends CorrectionMethodKit {
  @Override protected String method() {
    return "mis";
  }

  @Override Map<String, Object> settings() {
    return Map.of("c-min", 0.8, "c-max", 1.2);
  }
}
