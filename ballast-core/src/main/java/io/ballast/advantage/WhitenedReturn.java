package io.ballast.advantage;

import io.ballast.objective.Check;
import io.ballast.objective.Column;

/**
 * REINFORCE++: returns per token, whitened over all tokens of the step.
 *
 * <pre>
 *   r_t = [t is last] R − β (oldLogp_t − refLogp_t)
 *   G_t = Σ_{u≥t} γ^(u−t) r_u
 *   A_t = (G_t − mean G) / √(var G + 1e-8)         over all tokens, var with n − 1
 *         (G_t − mean G) / (√(var G) + 1e-8)       with {@code epsilonBeside}, as SPO's official code has it
 * </pre>
 *
 * With {@code groupBaseline} R is first reduced by the mean of its group (REINFORCE++-baseline).
 *
 * @param discount γ
 * @param klCoefficient β
 * @param epsilonBeside whether 1e-8 stands beside the root, not inside
 * @see <a href="https://arxiv.org/abs/2501.03262">REINFORCE++</a>
 */
public record WhitenedReturn(double discount, double klCoefficient, boolean groupBaseline, boolean epsilonBeside) implements AdvantageEstimator {

  /** With 1e-8 inside the root, as verl has it. */
  public WhitenedReturn(double discount, double klCoefficient, boolean groupBaseline) {
    this(discount, klCoefficient, groupBaseline, false);
  }

  public WhitenedReturn {
    Check.within("gamma", discount, 0, 1);
    Check.within("reward-kl-coefficient", klCoefficient, 0, Double.MAX_VALUE);
  }

  @Override public double[] estimate(Rewards rewards) {
    double[] outcome = groupBaseline ? centred(rewards) : rewards.reward();
    double[] returns = new double[rewards.tokens()];
    for (int s = 0; s < outcome.length; s++) {
      double ahead = 0;
      for (int t = rewards.offsets()[s + 1] - 1; t >= rewards.offsets()[s]; t--) {
        double now = t == rewards.offsets()[s + 1] - 1 ? outcome[s] : 0;
        ahead = now - penalty(rewards, t) + discount * ahead;
        returns[t] = ahead;
      }
    }
    return (epsilonBeside ? Whitening.BESIDE : Whitening.INSIDE).of(returns);
  }

  private double penalty(Rewards rewards, int t) {
    if (klCoefficient == 0) return 0;
    return klCoefficient * (rewards.column(Column.OLD_LOGP)[t] - rewards.column(Column.REF_LOGP)[t]);
  }

  private static double[] centred(Rewards rewards) {
    Groups groups = Groups.of(rewards);
    double[] mean = groups.mean(rewards.reward()), out = rewards.reward().clone();
    for (int s = 0; s < out.length; s++) out[s] -= mean[groups.of(s)];
    return out;
  }

  @Override public boolean comparesAnswers() {
    return groupBaseline;
  }
}
