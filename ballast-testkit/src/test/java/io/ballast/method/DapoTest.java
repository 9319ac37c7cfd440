package io.ballast.method;

import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;

class DapoTest extends ObjectiveKit {
  @Override protected String method() {
    return "dapo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("dual-clip", 10));
  }
}
