package io.ballast.advantage;

import io.ballast.objective.Check;

/**
 * DAPO's soft punishment of answers near the length limit, added to the reward.
 *
 * <pre>
 *   0                              L ≤ limit − buffer
 *   factor (limit − buffer − L)/buffer   up to the limit: 0 down to −factor
 *   −factor                        L &gt; limit
 * </pre>
 *
 * @param limit longest answer allowed, tokens
 * @param buffer last tokens before the limit that are punished
 * @param factor size of the full punishment, in units of reward
 * @see <a href="https://arxiv.org/abs/2503.14476">DAPO</a>, section 3.4
 */
public record OverlongPenalty(int limit, int buffer, double factor) {
  /** How a method that includes it lists it among its parts; a recipe's {@code auto} goes by that. */
  public static final String PART = "soft overlong penalty";
  /** Published buffer over published limit: 4,096 of 20,480 tokens. */
  public static final double BUFFER_SHARE = 0.2;

  public OverlongPenalty {
    Check.atLeast("limit", limit, 1);
    Check.within("buffer", buffer, 1, limit);
    Check.within("factor", factor, 0, Double.MAX_VALUE);
  }

  /** What an answer of that length has added to its reward: 0 or less. */
  public double of(int length) {
    double over = length - (limit - buffer);
    return over <= 0 ? 0 : -factor * Math.min(over / buffer, 1);
  }

  /** These rewards with every sample's punishment added. */
  public Rewards applied(Rewards rewards) {
    double[] reward = rewards.reward().clone();
    for (int s = 0; s < reward.length; s++) reward[s] += of(rewards.length(s));
    return rewards.withReward(reward);
  }
}
