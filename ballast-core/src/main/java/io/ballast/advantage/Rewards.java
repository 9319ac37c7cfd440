package io.ballast.advantage;

import java.util.Map;

/**
 * The rewards of one step's samples.
 *
 * @param group [S], the prompt each sample answers; equal numbers share a prompt, in any order
 * @param reward [S], the scalar reward of each sample
 * @param offsets [S + 1], trained tokens of sample s are [offsets[s], offsets[s + 1])
 * @param parts named parts of the reward, each [S]; empty where there is only the scalar
 * @param columns token columns an estimator may read (behaviour and reference log-probabilities, values), each [T]
 */
public record Rewards(
    int[] group, double[] reward, int[] offsets, Map<String, double[]> parts, Map<String, double[]> columns) {

  public Rewards {
    parts = Map.copyOf(parts);
    columns = Map.copyOf(columns);
    if (group.length != reward.length || offsets.length != reward.length + 1) {
      throw new IllegalArgumentException("group, reward and offsets disagree: %d groups, %d rewards, %d offsets (one more than rewards)"
          .formatted(group.length, reward.length, offsets.length));
    }
    for (int s = 0; s < reward.length; s++) {
      if (!Double.isFinite(reward[s])) {
        throw new IllegalArgumentException("sequence %d: reward is %s; it must be a finite number".formatted(s, reward[s]));
      }
    }
  }

  public int samples() {
    return reward.length;
  }

  public int tokens() {
    return offsets[offsets.length - 1];
  }
}
