package io.ballast.advantage;

import io.ballast.objective.Check;
import io.ballast.objective.Column;

/**
 * Generalised advantage estimation over tokens, with the KL to a reference as part of the reward.
 *
 * <pre>
 *   r_t = −β (oldLogp_t − refLogp_t), plus the sample's reward on its last token
 *   δ_t = r_t + γ V_{t+1} − V_t            V after the last trained token = 0
 *   A_t = δ_t + γ λ A_{t+1}
 *   brought to mean 0 and deviation 1 as {@link Whitening} says
 * </pre>
 *
 * Tokens that are not trained on (tool results, forced prefixes) are skipped: the last token before them bootstraps from the value of
 * the first one after them.
 *
 * @param gamma γ per token
 * @param lambda λ
 * @param kl β; 0 reads no reference
 * @see <a href="https://arxiv.org/abs/1506.02438">GAE</a>
 */
public record TokenGae(double gamma, double lambda, double kl, Whitening whitening) implements AdvantageEstimator {
  public TokenGae {
    Check.within("gamma", gamma, 0, 1);
    Check.within("lambda", lambda, 0, 1);
    Check.within("reward-kl-coefficient", kl, 0, Double.MAX_VALUE);
  }

  @Override public double[] estimate(Rewards rewards) {
    double[] value = rewards.column(Column.VALUE), advantage = new double[rewards.tokens()];
    for (int s = 0; s < rewards.samples(); s++) {
      int from = rewards.offsets()[s], to = rewards.offsets()[s + 1];
      double nextValue = 0, last = 0;
      for (int t = to - 1; t >= from; t--) {
        double reward = (t == to - 1 ? rewards.reward()[s] : 0) - penalty(rewards, t);
        last = reward + gamma * nextValue - value[t] + gamma * lambda * last;
        nextValue = value[t];
        advantage[t] = last;
      }
    }
    return whitening.of(advantage);
  }

  private double penalty(Rewards rewards, int t) {
    return kl == 0 ? 0 : kl * (rewards.column(Column.OLD_LOGP)[t] - rewards.column(Column.REF_LOGP)[t]);
  }
}
