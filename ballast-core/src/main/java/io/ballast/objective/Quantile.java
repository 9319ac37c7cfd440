package io.ballast.objective;

/** Order statistics in linear time. */
public final class Quantile {
  private Quantile() {}

  /**
   * The q-quantile with linear interpolation at position q (n − 1) of the sorted values, as {@code torch.quantile}; −∞ of no values.
   *
   * @param values untouched
   */
  public static double of(double[] values, double q) {
    if (values.length == 0) return Double.NEGATIVE_INFINITY;
    double position = Check.within("quantile", q, 0, 1) * (values.length - 1);
    int lower = (int) Math.floor(position);
    double[] scratch = values.clone();
    double low = select(scratch, lower);
    if (position == lower) return low;
    double high = Double.POSITIVE_INFINITY; // the smallest to the right of the selected one
    for (int i = lower + 1; i < scratch.length; i++) high = Math.min(high, scratch[i]);
    return low + (position - lower) * (high - low);
  }

  /**
   * {@link #of} for the values in [from, to) alone; quick for many short runs: a histogram between the smallest and the largest, then
   * {@link #select} in one of its bins.
   *
   * @param values untouched, finite
   * @param scratch at least as long as the run; overwritten
   */
  public static double ofRun(double[] values, int from, int to, double q, double[] scratch) {
    int n = to - from;
    if (n == 0) return Double.NEGATIVE_INFINITY;
    double position = Check.within("quantile", q, 0, 1) * (n - 1);
    int lower = (int) Math.floor(position);
    double low = ranked(values, from, to, lower, scratch);
    if (position == lower) return low;
    double high = Double.POSITIVE_INFINITY;
    int upTo = 0;
    for (int i = from; i < to; i++) {
      double value = values[i];
      upTo += value <= low ? 1 : 0;
      high = value > low && value < high ? value : high;
    }
    return upTo > lower + 1 ? low : low + (position - lower) * (high - low);
  }

  private static double ranked(double[] values, int from, int to, int k, double[] scratch) {
    double least = values[from], most = least;
    for (int i = from; i < to; i++) {
      double value = values[i];
      if (value < least) least = value;
      if (value > most) most = value;
    }
    if (least == most) return least;
    double scale = BINS / (most - least);
    int[] histogram = new int[BINS + 1];
    for (int i = from; i < to; i++) histogram[(int) ((values[i] - least) * scale)]++;
    int bin = 0, before = 0;
    while (before + histogram[bin] <= k) before += histogram[bin++];
    int inside = 0;
    for (int i = from; i < to; i++) {
      scratch[inside] = values[i];
      inside += (int) ((values[i] - least) * scale) == bin ? 1 : 0;
    }
    return select(scratch, inside, k - before);
  }

  private static final int BINS = 64;

  /** The q-quantile by nearest rank: the sorted value at round(q (n − 1)), halves to even, as {@code torch.quantile} with nearest. */
  public static double nearest(double[] values, double q) {
    return kth(values, (int) Math.rint(Check.within("quantile", q, 0, 1) * (values.length - 1)));
  }

  /**
   * The k-th smallest, k from 0, in two passes: a histogram over the leading bits, which order doubles, then {@link #select} in one bucket.
   *
   * @param values untouched, finite
   */
  public static double kth(double[] values, int k) {
    int[] histogram = new int[1 << BITS];
    for (double value : values) histogram[bucket(value)]++;
    int bucket = 0, before = 0;
    while (before + histogram[bucket] <= k) before += histogram[bucket++];
    double[] inside = new double[histogram[bucket]];
    int at = 0;
    for (double value : values) {
      if (bucket(value) == bucket) inside[at++] = value;
    }
    return select(inside, k - before);
  }

  private static final int BITS = 16;

  private static int bucket(double value) {
    long bits = Double.doubleToRawLongBits(value + 0.0); // −0.0 becomes 0.0
    long ordered = bits < 0 ? ~bits : bits | Long.MIN_VALUE;
    return (int) (ordered >>> Long.SIZE - BITS);
  }

  /** The k-th smallest, k from 0; reorders {@code a} so that it stands at k, smaller ones before, larger ones after. */
  public static double select(double[] a, int k) {
    return select(a, a.length, k);
  }

  private static double select(double[] a, int n, int k) {
    int left = 0, right = n - 1;
    while (left < right) {
      double pivot = median(a[left], a[(left + right) >>> 1], a[right]);
      int i = left, j = right;
      while (i <= j) {
        while (a[i] < pivot) i++;
        while (a[j] > pivot) j--;
        if (i <= j) {
          double swap = a[i];
          a[i++] = a[j];
          a[j--] = swap;
        }
      }
      if (k <= j) right = j;
      else if (k >= i) left = i;
      else return a[k];
    }
    return a[k];
  }

  private static double median(double a, double b, double c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}
