package io.ballast.advantage;

/** Rewards into advantages; pure. */
public interface AdvantageEstimator {

  /** One advantage per trained token, [T]; the same number throughout a sample for estimators of whole answers. */
  double[] estimate(Rewards rewards);
}
