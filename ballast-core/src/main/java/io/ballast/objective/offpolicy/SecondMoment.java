package io.ballast.objective.offpolicy;

import io.ballast.objective.TokenBatch;

/** M2PO's budget on the second moment of the log-ratio to the sampler: which tokens it looks at, and what it can afford. */
final class SecondMoment {
  private SecondMoment() {}

  /**
   * Squared log-ratios of the tokens that PPO would clip at some bound, A &gt; 0 and l &gt; 0 or A &lt; 0 and l &lt; 0, in no order; none at
   * all where their mean is within tau, and so nothing is to be solved.
   */
  static double[] trustRegion(TokenBatch batch, double tau) {
    double[] logp = batch.logp(), behaviour = batch.behaviourLogp(), advantage = batch.advantage();
    int count = 0;
    double sum = 0;
    for (int t = 0; t < logp.length; t++) {
      double l = held(logp[t] - behaviour[t]);
      if (advantage[t] * l <= 0) continue;
      count++;
      sum += l * l;
    }
    if (sum <= tau * count) return new double[0];
    double[] squares = new double[count];
    for (int t = 0, at = 0; t < logp.length; t++) {
      double l = held(logp[t] - behaviour[t]);
      if (advantage[t] * l > 0) squares[at++] = l * l;
    }
    return squares;
  }

  /** Squared log-ratios of proximal over sampler's policy, of all tokens; in no order. */
  static double[] proximal(TokenBatch batch) {
    double[] old = batch.oldLogp(), behaviour = batch.behaviourLogp(), squares = new double[batch.tokens()];
    for (int t = 0; t < squares.length; t++) {
      double l = held(old[t] - behaviour[t]);
      squares[t] = l * l;
    }
    return squares;
  }

  static double held(double log) {
    return Math.clamp(log, -TokenBatch.MAX_LOG_RATIO, TokenBatch.MAX_LOG_RATIO);
  }

  /**
   * The largest square that may stay, so that the mean of all up to it is within the budget; −1 where none may, infinite where there are
   * none. Equal squares stay or go together.
   *
   * @param squares reordered
   * @param strict whether the mean must stay below tau and not just reach it
   */
  static double largestKept(double[] squares, double tau, boolean strict) {
    Split split = new Split(squares);
    double kept = squares.length == 0 ? Double.POSITIVE_INFINITY : -1;
    while (split.open()) {
      split.half();
      double mean = split.sumThrough() / split.countThrough();
      if (strict ? mean < tau : mean <= tau) {
        kept = split.pivot;
        split.takeLower();
      } else {
        split.dropUpper();
      }
    }
    return kept;
  }

  /**
   * The largest u for which the mean of min(l², u²) is within tau; infinite where no limit is needed.
   *
   * @param squares reordered
   */
  static double clipAt(double[] squares, double tau) {
    Split split = new Split(squares);
    double budget = tau * squares.length;
    while (split.open()) {
      split.half();
      if (split.sumThrough() + split.pivot * (squares.length - split.countThrough()) <= budget) split.takeLower();
      else split.dropUpper();
    }
    int above = squares.length - split.left;
    return above == 0 ? Double.POSITIVE_INFINITY : Math.sqrt((budget - split.below) / above);
  }

  /** Quickselect that knows the sum of what lies below: left of {@code left} everything is decided to be small. */
  private static final class Split {
    private final double[] a;
    private int left;
    private int right;
    private double below;
    private double pivot;
    private int less;
    private int through;
    private double sum;

    Split(double[] a) {
      this.a = a;
      right = a.length;
    }

    boolean open() {
      return left < right;
    }

    /** Parts what is open into smaller than, equal to and larger than a pivot. */
    void half() {
      double x = a[left], y = a[(left + right) >>> 1], z = a[right - 1];
      pivot = Math.max(Math.min(x, y), Math.min(Math.max(x, y), z));
      less = left;
      through = left;
      int high = right;
      double smaller = 0;
      while (through < high) {
        double value = a[through];
        if (value < pivot) {
          smaller += value;
          a[through++] = a[less];
          a[less++] = value;
        } else if (value > pivot) {
          a[through] = a[--high];
          a[high] = value;
        } else {
          through++;
        }
      }
      sum = below + smaller + pivot * (through - less);
    }

    int countThrough() {
      return through;
    }

    double sumThrough() {
      return sum;
    }

    void takeLower() {
      left = through;
      below = sum;
    }

    void dropUpper() {
      right = less;
    }
  }
}
