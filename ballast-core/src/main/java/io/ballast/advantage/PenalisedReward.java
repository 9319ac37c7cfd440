package io.ballast.advantage;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import java.util.Map;

/**
 * Puts the KL to the reference into the reward, before another estimator sees it.
 *
 * <pre>   R_i ← R_i − β Σ_t (oldLogp_t − refLogp_t)</pre>
 *
 * @param coefficient β
 */
public record PenalisedReward(double coefficient, AdvantageEstimator estimator) implements AdvantageEstimator {

  public PenalisedReward {
    Check.within("reward-kl-coefficient", coefficient, 0, Double.MAX_VALUE);
  }

  @Override public double[] estimate(Rewards rewards) {
    return estimator.estimate(penalised(rewards));
  }

  private Rewards penalised(Rewards rewards) {
    double[] old = rewards.column(Column.OLD_LOGP), reference = rewards.column(Column.REF_LOGP);
    double[] reward = rewards.reward().clone();
    for (int s = 0; s < reward.length; s++) {
      for (int t = rewards.offsets()[s]; t < rewards.offsets()[s + 1]; t++) reward[s] -= coefficient * (old[t] - reference[t]);
    }
    return rewards.withReward(reward);
  }

  @Override public Map<String, double[]> memory() {
    return estimator.memory();
  }

  @Override public AdvantageEstimator remembering(Map<String, double[]> memory) {
    return new PenalisedReward(coefficient, estimator.remembering(memory));
  }

  @Override public AdvantageEstimator next(Rewards rewards) {
    return new PenalisedReward(coefficient, estimator.next(penalised(rewards)));
  }

  @Override public boolean comparesAnswers() {
    return estimator.comparesAnswers();
  }
}
