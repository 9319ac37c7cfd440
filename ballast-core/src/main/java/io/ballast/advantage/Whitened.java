package io.ballast.advantage;

import io.ballast.objective.Column;
import java.util.Arrays;

/**
 * Rewards, or what a critic did not foresee of them, brought to mean 0 and deviation 1 over the whole batch.
 *
 * <pre>
 *   d_i = R_i                               or, of a critic,  R_i − oldValue at the last token of answer i
 *   A   = (d − mean d)/(std d + 1e-8)       std with n − 1; over the tokens of the batch, or over its answers
 * </pre>
 * An answer without tokens does not count.
 *
 * @see <a href="https://arxiv.org/abs/2306.02231">Advantage-Induced Policy Alignment</a>, whitening over tokens
 */
public record Whitened(Over over, boolean critic) implements AdvantageEstimator {
  private static final double EPSILON = 1e-8;

  /** What counts once. */
  public enum Over { TOKENS, ANSWERS }

  @Override public double[] estimate(Rewards rewards) {
    double[] left = rewards.reward().clone();
    if (critic) {
      double[] value = rewards.column(Column.OLD_VALUE);
      for (int s = 0; s < left.length; s++) {
        if (rewards.length(s) > 0) left[s] -= value[rewards.offsets()[s + 1] - 1];
      }
    }
    double[] counted = over == Over.TOKENS ? rewards.perToken(left) : withTokens(rewards, left);
    Moments moments = Moments.of(counted);
    double scale = moments.deviation(1) + EPSILON;
    for (int s = 0; s < left.length; s++) left[s] = (left[s] - moments.mean()) / scale;
    return rewards.perToken(left);
  }

  private static double[] withTokens(Rewards rewards, double[] left) {
    double[] some = new double[left.length];
    int n = 0;
    for (int s = 0; s < left.length; s++) {
      if (rewards.length(s) > 0) some[n++] = left[s];
    }
    return Arrays.copyOf(some, n);
  }
}
