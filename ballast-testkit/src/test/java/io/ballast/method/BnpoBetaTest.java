package io.ballast.method;

import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;

class BnpoBetaTest extends ObjectiveKit {
  @Override protected String method() {
    return "bnpo-beta";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of());
  }
}
