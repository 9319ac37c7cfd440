package io.ballast.advantage;

/**
 * The reward above a baseline that is moved away from the group mean.
 *
 * <pre>   A_i = R_i − (mean_group R + δV)</pre>
 *
 * With δV below 0 positive samples dominate, which asymmetric REINFORCE wants on stale data: improvement is guaranteed where the
 * baseline stays under the expected reward. Not divided by the deviation. δV = 0 is the plain group mean.
 *
 * @param shift δV, in units of reward
 * @see <a href="https://arxiv.org/abs/2506.20520">Asymmetric REINFORCE for off-policy RL</a>
 */
public record ShiftedGroupMean(double shift) implements AdvantageEstimator {

  @Override public double[] estimate(Rewards rewards) {
    Groups groups = Groups.of(rewards);
    double[] mean = groups.mean(rewards.reward()), advantage = rewards.reward().clone();
    for (int s = 0; s < advantage.length; s++) advantage[s] -= mean[groups.of(s)] + shift;
    return rewards.perToken(advantage);
  }
}
