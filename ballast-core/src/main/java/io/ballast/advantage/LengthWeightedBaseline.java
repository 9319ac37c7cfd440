package io.ballast.advantage;

/**
 * OPO: the variance-optimal baseline when a sample's squared gradient norm grows with its length.
 *
 * <pre>   b = Σ_i |o_i| R_i / Σ_i |o_i| over the group,   A_i = R_i − b</pre>
 *
 * The token-weighted mean of A is zero within a group, not the mean over samples.
 *
 * @see <a href="https://arxiv.org/abs/2505.23585">OPO</a>
 */
public record LengthWeightedBaseline() implements AdvantageEstimator {

  @Override public double[] estimate(Rewards rewards) {
    Groups groups = Groups.of(rewards);
    double[] length = new double[groups.count()], total = new double[groups.count()];
    for (int s = 0; s < rewards.samples(); s++) {
      length[groups.of(s)] += rewards.length(s);
      total[groups.of(s)] += rewards.length(s) * rewards.reward()[s];
    }
    double[] advantage = new double[rewards.samples()];
    for (int s = 0; s < advantage.length; s++) {
      int g = groups.of(s);
      advantage[s] = length[g] == 0 ? 0 : rewards.reward()[s] - total[g] / length[g];
    }
    return rewards.perToken(advantage);
  }

  @Override public boolean comparesAnswers() {
    return true;
  }
}
