package io.ballast.advantage;

/**
 * A sample's baseline is the mean reward of the other samples of its prompt.
 *
 * <pre>   A_i = r_i − 1/(n−1) Σ_{j≠i} r_j  =  n/(n−1) (r_i − mean r)</pre>
 *
 * Unbiased: the baseline does not depend on sample i. Sums to zero within a group; an answer alone in its group gets 0.
 *
 * @see <a href="https://arxiv.org/abs/2402.14740">Ahmadian et al. 2024</a>, RLOO
 */
public record LeaveOneOut() implements AdvantageEstimator {

  @Override public double[] estimate(Rewards rewards) {
    Groups groups = Groups.of(rewards);
    double[] mean = groups.mean(rewards.reward());
    double[] advantage = new double[rewards.samples()];
    for (int s = 0; s < advantage.length; s++) {
      double n = groups.size(groups.of(s));
      advantage[s] = n == 1 ? 0 : n / (n - 1) * (rewards.reward()[s] - mean[groups.of(s)]);
    }
    return rewards.perToken(advantage);
  }

  @Override public boolean comparesAnswers() {
    return true;
  }
}
