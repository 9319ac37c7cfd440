package io.ballast.advantage;

import io.ballast.objective.Check;

/**
 * Reward minus the mean of the answers to the same prompt, divided by a scale.
 *
 * <pre>
 *   A_i = (R_i − mean_g R) / (σ + ε)
 *   GROUP: σ = standard deviation of the group (n − 1)     GRPO
 *   BATCH: σ = standard deviation of all raw rewards       "Lite PPO"
 *   NONE:  A_i = R_i − mean_g R                            Dr. GRPO
 * </pre>
 *
 * @param epsilon ε, outside the root
 * @param ddof deviations divide by n − ddof
 * @see <a href="https://arxiv.org/abs/2402.03300">DeepSeekMath</a>, GRPO
 * @see <a href="https://arxiv.org/abs/2503.20783">Dr. GRPO</a>
 * @see <a href="https://arxiv.org/abs/2508.08221">Tricks or Traps</a>, batch scale
 */
public record GroupNormalised(Scale scale, double epsilon, int ddof) implements AdvantageEstimator {

  /** With deviations that divide by n − 1. */
  public GroupNormalised(Scale scale, double epsilon) {
    this(scale, epsilon, 1);
  }

  /** What the centred reward is divided by. */
  public enum Scale { GROUP, BATCH, NONE }

  public GroupNormalised {
    Check.within("advantage-epsilon", epsilon, 0, Double.MAX_VALUE);
  }

  @Override public double[] estimate(Rewards rewards) {
    Groups groups = Groups.of(rewards);
    double[] reward = rewards.reward();
    double[] mean = groups.mean(reward);
    double[] deviation = scale == Scale.GROUP ? groups.deviation(reward, ddof) : null;
    double batch = scale == Scale.BATCH ? Moments.of(reward).deviation(ddof) : 0;
    double[] advantage = new double[reward.length];
    for (int s = 0; s < reward.length; s++) {
      double centred = reward[s] - mean[groups.of(s)];
      double divisor = switch (scale) {
        case GROUP -> deviation[groups.of(s)] + epsilon;
        case BATCH -> batch + epsilon;
        case NONE -> 1;
      };
      advantage[s] = centred == 0 ? 0 : centred / divisor;
    }
    return rewards.perToken(advantage);
  }

  @Override public boolean comparesAnswers() {
    return true;
  }
}
