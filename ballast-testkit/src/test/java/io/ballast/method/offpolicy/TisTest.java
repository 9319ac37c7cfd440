package io.ballast.method.offpolicy;

import java.util.Map;

class TisTest extends CorrectionMethodKit {
  @Override protected String method() {
    return "tis";
  }

  @Override Map<String, Object> settings() {
    return Map.of("c", 1.1, "reject-lower", 0.8);
  }
}
