package io.ballast.advantage;

import io.ballast.objective.Column;
import java.util.Arrays;

/**
 * SAFE's advantage: what the critic did not foresee of an answer's reward, whitened over the answers of the batch.
 *
 * <pre>
 *   d_i = R_i − oldValue at the last token of answer i          R_i alone where there is no critic
 *   A_i = (d_i − mean d)/(std d + 1e-8)                         std with n − 1; answers without tokens do not count
 * </pre>
 *
 * The official code scales R by its running mean and deviation first; here the critic learns the rewards as they are.
 *
 * @see <a href="https://github.com/ryyzn9/SAFE">SAFE</a>, safe/trainers/safe.py
 */
public record WhitenedResidual(boolean critic) implements AdvantageEstimator {
  private static final double EPSILON = 1e-8;

  @Override public double[] estimate(Rewards rewards) {
    double[] left = rewards.reward().clone(), counted = new double[left.length];
    double[] value = critic ? rewards.column(Column.OLD_VALUE) : new double[rewards.tokens()];
    int n = 0;
    for (int s = 0; s < left.length; s++) {
      if (rewards.length(s) == 0) continue;
      left[s] -= value[rewards.offsets()[s + 1] - 1];
      counted[n++] = left[s];
    }
    Moments moments = Moments.of(Arrays.copyOf(counted, n));
    for (int s = 0; s < left.length; s++) left[s] = (left[s] - moments.mean()) / (moments.deviation(1) + EPSILON);
    return rewards.perToken(left);
  }
}
