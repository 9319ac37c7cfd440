package io.ballast.advantage;

/**
 * An estimator under which an answer alone on its prompt keeps its reward: mean 0 and deviation 1 stand in for the statistics that a
 * group of one does not have.
 *
 * <pre>   A_i = R_i / divisor in a group of one,     the other estimator's A_i elsewhere</pre>
 *
 * @param divisor 1 + ε under a division by the deviation, else 1
 * @see <a href="https://arxiv.org/abs/2604.18578">Bounded Ratio Reinforcement Learning</a>, official code
 */
public record AloneAsGiven(AdvantageEstimator others, double divisor) implements AdvantageEstimator {

  @Override public double[] estimate(Rewards rewards) {
    Groups groups = Groups.of(rewards);
    double[] advantage = others.estimate(rewards).clone();
    for (int s = 0; s < rewards.samples(); s++) {
      if (groups.size(groups.of(s)) > 1) continue;
      for (int t = rewards.offsets()[s]; t < rewards.offsets()[s + 1]; t++) advantage[t] = rewards.reward()[s] / divisor;
    }
    return advantage;
  }

  @Override public boolean comparesAnswers() {
    return others.comparesAnswers();
  }
}
