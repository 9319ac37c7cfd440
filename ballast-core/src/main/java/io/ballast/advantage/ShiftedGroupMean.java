package io.ballast.advantage;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

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
    Map<Integer, double[]> sums = new HashMap<>();
    for (int i = 0; i < rewards.samples(); i++) {
      double[] sum = sums.computeIfAbsent(rewards.group()[i], g -> new double[2]);
      sum[0] += rewards.reward()[i];
      sum[1]++;
    }
    double[] advantage = new double[rewards.tokens()];
    for (int i = 0; i < rewards.samples(); i++) {
      double[] sum = sums.get(rewards.group()[i]);
      Arrays.fill(advantage, rewards.offsets()[i], rewards.offsets()[i + 1], rewards.reward()[i] - (sum[0] / sum[1] + shift));
    }
    return advantage;
  }
}
