package io.ballast.advantage;

/** No baseline: A_i = R_i, textbook REINFORCE. */
public record RawReward() implements AdvantageEstimator {
  @Override public double[] estimate(Rewards rewards) {
    return rewards.perToken(rewards.reward());
  }
}
