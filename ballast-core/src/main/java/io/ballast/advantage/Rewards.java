package io.ballast.advantage;

import io.ballast.objective.MissingColumnException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rewards of one step's samples.
 *
 * @param group [S], the prompt each sample answers within this step; equal numbers share a prompt, in any order
 * @param reward [S], the scalar reward of each sample
 * @param offsets [S + 1], trained tokens of sample s are [offsets[s], offsets[s + 1])
 * @param parts named parts of the reward, each [S]; empty where there is only the scalar
 * @param columns token columns an estimator may read (old, behaviour and reference log-probabilities, values), each [T]
 * @param prompt [S], the number of the prompt within the data, the same in every step: it keys what an estimator remembers
 */
public record Rewards(
    int[] group, double[] reward, int[] offsets, Map<String, double[]> parts, Map<String, double[]> columns, long[] prompt) {

  public Rewards {
    parts = Collections.unmodifiableMap(new TreeMap<>(parts)); // sums over the parts have one order
    columns = Map.copyOf(columns);
    if (group.length != reward.length || offsets.length != reward.length + 1 || prompt.length != reward.length) {
      throw new IllegalArgumentException(
          "group, reward, prompt and offsets disagree: %d groups, %d rewards, %d prompts, %d offsets (one more than rewards)"
              .formatted(group.length, reward.length, prompt.length, offsets.length));
    }
    for (int s = 0; s < reward.length; s++) {
      if (!Double.isFinite(reward[s])) {
        throw new IllegalArgumentException("sequence %d: reward is %s; it must be a finite number".formatted(s, reward[s]));
      }
    }
  }

  /** Rewards whose prompts are numbered by their groups. */
  public Rewards(int[] group, double[] reward, int[] offsets, Map<String, double[]> parts, Map<String, double[]> columns) {
    this(group, reward, offsets, parts, columns, Arrays.stream(group).asLongStream().toArray());
  }

  public int samples() {
    return reward.length;
  }

  public int tokens() {
    return offsets[offsets.length - 1];
  }

  /** Trained tokens of sample s. */
  public int length(int s) {
    return offsets[s + 1] - offsets[s];
  }

  /**
   * A token column.
   *
   * @throws MissingColumnException if it is not there, naming it
   */
  public double[] column(String name) {
    double[] values = columns.get(name);
    if (values == null) throw new MissingColumnException(name);
    return values;
  }

  /** These rewards with other scalars. */
  public Rewards withReward(double[] other) {
    return new Rewards(group, other, offsets, parts, columns, prompt);
  }

  /** One number per sample spread over its tokens: [S] to [T]. */
  public double[] perToken(double[] perSample) {
    double[] out = new double[tokens()];
    for (int s = 0; s < perSample.length; s++) Arrays.fill(out, offsets[s], offsets[s + 1], perSample[s]);
    return out;
  }
}
