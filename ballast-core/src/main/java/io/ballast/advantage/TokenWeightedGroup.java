package io.ballast.advantage;

/**
 * HAPO's group z-score whose statistics count every token once, so that long answers weigh more.
 *
 * <pre>
 *   mean = Σ_i n_i R_i / Σ_i n_i      var = Σ_i n_i (R_i − mean)² / Σ_i n_i      over the samples i of the prompt, n_i tokens each
 *   A_i  = (R_i − mean) / (√var + 1e-6)
 *   where some |A_i| of the group reaches the limit, the whole group takes (R_i − mean_i) / (std_i + 1e-6) instead:
 *   every sample counted once, sample deviation (n − 1); a group of one gets 0
 * </pre>
 *
 * @param limit largest |A| a group may show before it falls back
 * @see <a href="https://arxiv.org/abs/2509.16591">HAPO</a>, token-level group average; the limit of 5 is the official code's
 */
public record TokenWeightedGroup(double limit) implements AdvantageEstimator {
  private static final double EPSILON = 1e-6;

  @Override public double[] estimate(Rewards rewards) {
    Groups groups = Groups.of(rewards);
    double[] perToken = perToken(rewards, groups), plain = new GroupNormalised(GroupNormalised.Scale.GROUP, EPSILON).estimate(rewards);
    double[] largest = new double[groups.count()];
    for (int s = 0; s < rewards.samples(); s++) {
      if (rewards.length(s) > 0) largest[groups.of(s)] = Math.max(largest[groups.of(s)], Math.abs(perToken[s]));
    }
    double[] advantage = rewards.perToken(perToken);
    for (int s = 0; s < rewards.samples(); s++) {
      if (largest[groups.of(s)] < limit) continue;
      System.arraycopy(plain, rewards.offsets()[s], advantage, rewards.offsets()[s], rewards.length(s));
    }
    return advantage;
  }

  /** The score of each sample with statistics over tokens, [S]. */
  private static double[] perToken(Rewards rewards, Groups groups) {
    double[] reward = rewards.reward(), mean = groups.mean(reward), count = new double[groups.count()];
    double[] shift = new double[groups.count()], square = new double[groups.count()];
    for (int s = 0; s < reward.length; s++) { // around the group mean, so that equal rewards score exactly 0
      int g = groups.of(s), n = rewards.length(s);
      count[g] += n;
      shift[g] += n * (reward[s] - mean[g]);
      square[g] += n * (reward[s] - mean[g]) * (reward[s] - mean[g]);
    }
    double[] score = new double[reward.length];
    for (int s = 0; s < reward.length; s++) {
      int g = groups.of(s);
      if (count[g] == 0) continue;
      double offset = shift[g] / count[g];
      double deviation = Math.sqrt(Math.max(0, square[g] / count[g] - offset * offset));
      score[s] = (reward[s] - mean[g] - offset) / (deviation + EPSILON);
    }
    return score;
  }
}
