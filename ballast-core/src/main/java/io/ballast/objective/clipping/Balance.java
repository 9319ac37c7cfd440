package io.ballast.objective.clipping;

import io.ballast.objective.TokenBatch;
import org.jspecify.annotations.Nullable;

/**
 * Positive and negative contribution for every candidate bound, from one pass over the tokens of the step.
 *
 * <pre>
 *   LOSS      P(high) = Σ_{A&gt;0} v A min(x, high)          Q(low) = Σ_{A&lt;0} v |A| max(x, low)
 *   GRADIENT  P(high) = Σ_{A&gt;0, x≤high} v A x             Q(low) = Σ_{A&lt;0, x≥low} v |A| x
 * </pre>
 *
 * P depends on the upper bound alone and Q on the lower, so per bin between neighbouring candidates the sums of v|A| and of v|A|x
 * say everything.
 */
final class Balance {
  private final double[] positive;
  private final double[] negative;

  private Balance(double[] positive, double[] negative) {
    this.positive = positive;
    this.negative = negative;
  }

  /** P with the k-th upper bound. */
  double positive(int k) {
    return positive[k];
  }

  /** Q with the j-th lower bound. */
  double negative(int j) {
    return negative[j];
  }

  /**
   * @param ratios x, [T]
   * @param weight v, [T]; null: 1
   * @param gradient whether only tokens that still carry gradient count
   */
  static Balance of(TokenBatch batch, double[] ratios, double @Nullable [] weight, BoundGrid low, BoundGrid high, boolean gradient) {
    double[] positiveX = new double[high.size() + 1], positiveA = new double[high.size() + 1];
    double[] negativeX = new double[low.size() + 1], negativeA = new double[low.size() + 1];
    double[] advantages = batch.advantage();
    for (int t = 0; t < ratios.length; t++) {
      double advantage = advantages[t];
      if (advantage == 0) continue;
      double x = ratios[t];
      double v = weight == null ? advantage : weight[t] * advantage;
      if (v > 0) {
        int bin = high.below(x, false); // bounds k ≥ bin let x through
        positiveX[bin] += v * x;
        positiveA[bin] += v;
      } else {
        int bin = low.below(x, true); // bounds j < bin let x through
        negativeX[bin] -= v * x;
        negativeA[bin] -= v;
      }
    }
    return new Balance(
        positives(high, positiveX, positiveA, gradient), negatives(low, negativeX, negativeA, gradient));
  }

  private static double[] positives(BoundGrid high, double[] sumX, double[] sumA, boolean gradient) {
    double[] out = new double[high.size()];
    double cut = 0, through = 0;
    for (int k = out.length; k > 0; k--) { // Σ of |A| above each bound
      cut += sumA[k];
      out[k - 1] = gradient ? 0 : cut * high.values()[k - 1];
    }
    for (int k = 0; k < out.length; k++) {
      through += sumX[k];
      out[k] += through;
    }
    return out;
  }

  private static double[] negatives(BoundGrid low, double[] sumX, double[] sumA, boolean gradient) {
    double[] out = new double[low.size()];
    double cut = 0, through = 0;
    for (int j = 0; j < out.length; j++) { // Σ of |A| below each bound
      cut += sumA[j];
      out[j] = gradient ? 0 : cut * low.values()[j];
    }
    for (int j = out.length; j > 0; j--) {
      through += sumX[j];
      out[j - 1] += through;
    }
    return out;
  }
}
