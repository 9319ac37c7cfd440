package io.ballast.advantage;

import io.ballast.objective.Column;
import java.util.OptionalDouble;

/**
 * ReMax: the baseline is the reward of the greedy answer to the same prompt.
 *
 * <pre>   A_i = clamp(R_i − b, −c, c),   b the column {@code greedyReward}, the same for all answers to a prompt</pre>
 *
 * @param limit c; empty: no clamp. The official code uses 5
 * @see <a href="https://arxiv.org/abs/2310.10505">ReMax</a>
 */
public record GreedyBaseline(OptionalDouble limit) implements AdvantageEstimator {

  public GreedyBaseline {
    if (limit.isPresent() && !(limit.getAsDouble() > 0)) {
      throw new IllegalArgumentException("reward-clip must be above 0, got %s".formatted(limit.getAsDouble()));
    }
  }

  @Override public double[] estimate(Rewards rewards) {
    double[] greedy = rewards.column(Column.GREEDY_REWARD);
    double bound = limit.orElse(Double.POSITIVE_INFINITY);
    double[] advantage = new double[rewards.tokens()];
    for (int s = 0; s < rewards.samples(); s++) {
      for (int t = rewards.offsets()[s]; t < rewards.offsets()[s + 1]; t++) {
        advantage[t] = Math.clamp(rewards.reward()[s] - greedy[t], -bound, bound);
      }
    }
    return advantage;
  }
}
