package io.ballast.method.offpolicy;

import java.util.Map;

class VetoTest extends CorrectionMethodKit {
  @Override protected String method() {
    return "veto";
  }

  @Override Map<String, Object> settings() {
    return Map.of("veto", 0.8);
  }
}
