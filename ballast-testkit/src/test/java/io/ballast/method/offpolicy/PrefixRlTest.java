package io.ballast.method.offpolicy;

import io.ballast.testkit.ObjectiveKit;

class PrefixRlTest extends ObjectiveKit {
  @Override protected String method() {
    return "prefix-rl";
  }

}
