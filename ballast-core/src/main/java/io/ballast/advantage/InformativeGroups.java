package io.ballast.advantage;

/**
 * GPG: centred rewards, scaled up by the share of samples that carry no signal.
 *
 * <pre>   A_i = B / (B − M) · (R_i − mean_g R)      M: samples in groups whose rewards are all equal, B: all samples</pre>
 *
 * The official code's form, {@code 1 / (min(1, (B − M)/B) + 1e-5)}, without its epsilon.
 *
 * @see <a href="https://arxiv.org/abs/2504.02546">GPG</a>
 */
public record InformativeGroups() implements AdvantageEstimator {

  @Override public double[] estimate(Rewards rewards) {
    Groups groups = Groups.of(rewards);
    double[] reward = rewards.reward(), mean = groups.mean(reward), deviation = groups.deviation(reward, 1);
    int informative = 0;
    for (int s = 0; s < reward.length; s++) if (deviation[groups.of(s)] > 0) informative++;
    double scale = informative == 0 ? 0 : (double) reward.length / informative;
    double[] advantage = new double[reward.length];
    for (int s = 0; s < reward.length; s++) advantage[s] = scale * (reward[s] - mean[groups.of(s)]);
    return rewards.perToken(advantage);
  }

  @Override public boolean comparesAnswers() {
    return true;
  }
}
