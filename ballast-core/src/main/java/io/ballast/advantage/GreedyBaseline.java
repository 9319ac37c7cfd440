package io.ballast.advantage;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import java.util.OptionalDouble;

/**
 * ReMax: the baseline is the reward of the greedy answer to the same prompt; the KL to the reference, where it is part of the reward,
 * counts from the token on.
 *
 * <pre>   A_t = clamp(R − b, −c, c) − β Σ_{u≥t} (oldLogp_u − refLogp_u)</pre>
 *
 * b is the column {@code greedyReward}, the same for all answers to a prompt.
 *
 * @param limit c; empty: no clamp. The official code uses 5
 * @param klCoefficient β
 * @see <a href="https://arxiv.org/abs/2310.10505">ReMax</a>
 */
public record GreedyBaseline(OptionalDouble limit, double klCoefficient) implements AdvantageEstimator {

  public GreedyBaseline {
    if (limit.isPresent() && !(limit.getAsDouble() > 0)) {
      throw new IllegalArgumentException("reward-clip must be above 0, got %s".formatted(limit.getAsDouble()));
    }
    Check.within("reward-kl-coefficient", klCoefficient, 0, Double.MAX_VALUE);
  }

  @Override public double[] estimate(Rewards rewards) {
    double[] greedy = rewards.column(Column.GREEDY_REWARD), advantage = new double[rewards.tokens()];
    double bound = limit.orElse(Double.POSITIVE_INFINITY);
    for (int s = 0; s < rewards.samples(); s++) {
      double ahead = 0;
      for (int t = rewards.offsets()[s + 1] - 1; t >= rewards.offsets()[s]; t--) {
        ahead -= penalty(rewards, t);
        advantage[t] = Math.clamp(rewards.reward()[s] - greedy[t], -bound, bound) + ahead;
      }
    }
    return advantage;
  }

  private double penalty(Rewards rewards, int t) {
    if (klCoefficient == 0) return 0;
    return klCoefficient * (rewards.column(Column.OLD_LOGP)[t] - rewards.column(Column.REF_LOGP)[t]);
  }
}
