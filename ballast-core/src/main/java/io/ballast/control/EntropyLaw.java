package io.ballast.control;

/**
 * The law of reward and entropy of a run without entropy control, fitted by least squares.
 *
 * <pre>
 *   R = −a exp(H) + b          H mean token entropy in nats, R accuracy of the same step
 *   ceiling = b − a            the reward left when entropy is gone
 * </pre>
 * A diagnostic, not an objective: it says how much reward there is still to buy with entropy.
 *
 * @param a price of entropy; the law does not apply where it is not positive
 * @param b reward at exp(H) = 0
 * @param fit R² of the fit
 * @param points pairs fitted
 * @see <a href="https://arxiv.org/abs/2505.22617">The Entropy Mechanism</a> for the form; the fit is ours
 */
public record EntropyLaw(double a, double b, double fit, int points) {
  /** Fewer pairs than this are no evidence. */
  public static final int MIN_POINTS = 8;
  /** Nats that the entropies must span. */
  public static final double MIN_SPAN = 0.2;
  /** R² below which the law is said not to apply. */
  public static final double MIN_FIT = 0.6;
  private static final double EXHAUSTED_ENTROPY = 0.05;
  private static final double EXHAUSTED_HEADROOM = 0.01;

  /**
   * Ordinary least squares of R on exp(H).
   *
   * @throws IllegalArgumentException if the arrays differ in length, hold fewer than two pairs or a single entropy
   */
  public static EntropyLaw fit(double[] entropy, double[] reward) {
    int n = entropy.length;
    if (reward.length != n || n < 2) {
      throw new IllegalArgumentException("the fit needs as many rewards as entropies and at least 2, got %d and %d".formatted(reward.length, n));
    }
    double meanX = 0, meanR = 0;
    for (int i = 0; i < n; i++) {
      meanX += Math.exp(entropy[i]) / n;
      meanR += reward[i] / n;
    }
    double xx = 0, xr = 0, rr = 0;
    for (int i = 0; i < n; i++) {
      double x = Math.exp(entropy[i]) - meanX, r = reward[i] - meanR;
      xx += x * x;
      xr += x * r;
      rr += r * r;
    }
    if (!(xx > 0)) throw new IllegalArgumentException("the fit needs entropies that differ, all %d are %s".formatted(n, entropy[0]));
    double slope = xr / xx;
    return new EntropyLaw(-slope, meanR - slope * meanX, rr == 0 ? 1 : xr * xr / (xx * rr), n);
  }

  /** Whether there are enough points, spread enough, to fit at all. */
  public static boolean enough(double[] entropy) {
    double low = Double.POSITIVE_INFINITY, high = Double.NEGATIVE_INFINITY;
    for (double h : entropy) {
      low = Math.min(low, h);
      high = Math.max(high, h);
    }
    return entropy.length >= MIN_POINTS && high - low >= MIN_SPAN;
  }

  public double predicted(double entropy) {
    return b - a * Math.exp(entropy);
  }

  /** b − a: predicted reward at entropy 0. */
  public double ceiling() {
    return b - a;
  }

  /** Reward still to be had before entropy is gone. */
  public double headroom(double rewardNow) {
    return ceiling() - rewardNow;
  }

  /** Share of the first step's entropy budget that is spent: 1 − (exp(H) − 1)/(exp(H_0) − 1). */
  public static double budgetUsed(double entropyNow, double entropyAtStart) {
    return 1 - Math.expm1(entropyNow) / Math.expm1(entropyAtStart);
  }

  /** Whether the run follows the law at all. */
  public boolean applies() {
    return a > 0 && fit >= MIN_FIT;
  }

  /** Whether entropy is gone and hardly any reward is left to buy with it. */
  public boolean exhausted(double entropyNow, double rewardNow) {
    return applies() && entropyNow < EXHAUSTED_ENTROPY && headroom(rewardNow) < EXHAUSTED_HEADROOM;
  }
}
