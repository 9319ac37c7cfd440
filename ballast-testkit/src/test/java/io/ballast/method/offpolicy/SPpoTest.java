package io.ballast.method.offpolicy;

class SPpoTest extends BiasCorrectionKit {
  @Override protected String method() {
    return "s-ppo";
  }
}
