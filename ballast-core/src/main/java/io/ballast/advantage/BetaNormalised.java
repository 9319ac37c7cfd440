package io.ballast.advantage;

/**
 * Beta normalisation: prompts are weighted by how rare their success rate is among those of the step.
 *
 * <pre>
 *   R ← (R − min)/(max − min) in [0, 1],   p_g = mean_g R,   m, v = mean and variance (n − 1) of p over the groups
 *   f = m(1 − m)/v − 1,   α = max(1 + f m/3, 1),   β = max(1 + f (1 − m)/3, 1)
 *   A_i = min(1 / BetaPDF(p_g; α, β), 1e6) · (R_i − p_g)
 * </pre>
 *
 * A single group, or groups that are all alike, have weight 1. α = β = 1 is a group-mean baseline.
 *
 * @param least smallest reward of the task
 * @param most largest reward of the task
 * @see <a href="https://arxiv.org/abs/2506.02864">BNPO</a>
 */
public record BetaNormalised(double least, double most) implements AdvantageEstimator {

  private static final double LARGEST_WEIGHT = 1e6;

  public BetaNormalised {
    if (!(most > least)) throw new IllegalArgumentException("rmax must be above rmin = %s, got %s".formatted(least, most));
  }

  @Override public double[] estimate(Rewards rewards) {
    Groups groups = Groups.of(rewards);
    double[] reward = new double[rewards.samples()];
    for (int s = 0; s < reward.length; s++) reward[s] = Math.clamp((rewards.reward()[s] - least) / (most - least), 0, 1);
    double[] rate = groups.mean(reward), weight = weights(rate);
    double[] advantage = new double[reward.length];
    for (int s = 0; s < reward.length; s++) {
      double centred = reward[s] - rate[groups.of(s)];
      advantage[s] = centred == 0 ? 0 : weight[groups.of(s)] * centred;
    }
    return rewards.perToken(advantage);
  }

  private static double[] weights(double[] rate) {
    Moments moments = Moments.of(rate);
    double m = moments.mean(), v = moments.variance(1), f = v > 0 ? m * (1 - m) / v - 1 : 0;
    double alpha = Math.max(1 + f * m / 3, 1), beta = Math.max(1 + f * (1 - m) / 3, 1);
    double logNormaliser = LogGamma.of(alpha) + LogGamma.of(beta) - LogGamma.of(alpha + beta);
    double[] weight = new double[rate.length];
    for (int g = 0; g < rate.length; g++) {
      double density = Math.exp(power(rate[g], alpha) + power(1 - rate[g], beta) - logNormaliser);
      weight[g] = Math.min(1 / density, LARGEST_WEIGHT);
    }
    return weight;
  }

  /** ln p^(a − 1), with 0⁰ = 1. */
  private static double power(double p, double a) {
    return a == 1 ? 0 : (a - 1) * Math.log(p);
  }

  @Override public boolean comparesAnswers() {
    return true;
  }
}
