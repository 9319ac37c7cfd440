package io.ballast.method.offpolicy;

class StPpoTest extends BiasCorrectionKit {
  @Override protected String method() {
    return "st-ppo";
  }

  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }
}
