package io.ballast.objective;

import java.util.Arrays;

/** Order statistics in linear time. */
public final class Quantile {
  private Quantile() {}

  /**
   * The q-quantile with linear interpolation at position q (n − 1) of the sorted values, as {@code torch.quantile}; −∞ of no values.
   *
   * @param values untouched, finite
   */
  public static double of(double[] values, double q) {
    if (values.length == 0) return Double.NEGATIVE_INFINITY;
    return at(values, Check.within("quantile", q, 0, 1) * (values.length - 1));
  }

  /** The q-quantile by nearest rank: the sorted value at round(q (n − 1)), halves to even, as {@code torch.quantile} with nearest. */
  public static double nearest(double[] values, double q) {
    return kth(values, (int) Math.rint(Check.within("quantile", q, 0, 1) * (values.length - 1)));
  }

  /**
   * The k-th smallest, k from 0.
   *
   * @param values untouched, none NaN
   */
  public static double kth(double[] values, int k) {
    return at(values, k);
  }

  /**
   * The sorted values interpolated at a position, in two passes: a histogram over the leading bits, which order doubles, then
   * {@link #select} in one bucket; few values are selected from directly.
   */
  private static double at(double[] values, double position) {
    if (values.length < FEW) return between(values, 0, values.length, values.clone(), values.length, position);
    int[] histogram = new int[1 << BITS];
    for (double value : values) histogram[bucket(value)]++;
    int bucket = 0, before = 0;
    while (before + histogram[bucket] <= (int) position) before += histogram[bucket++];
    double[] inside = new double[histogram[bucket]];
    int n = 0;
    for (double value : values) {
      if (bucket(value) == bucket) inside[n++] = value;
    }
    return between(values, 0, values.length, inside, n, position - before);
  }

  private static final int BITS = 16, FEW = 1 << 12;

  private static int bucket(double value) {
    long bits = Double.doubleToRawLongBits(value + 0.0); // −0.0 becomes 0.0
    return (int) ((bits ^ (bits >> 63 | Long.MIN_VALUE)) >>> Long.SIZE - BITS);
  }

  /**
   * Interpolates at a position among the first n values of {@code inside}, which it reorders: a part of the values in [from, to), larger
   * than some of them and smaller than the rest. What follows its last one is found among the rest.
   */
  private static double between(double[] values, int from, int to, double[] inside, int n, double position) {
    int k = (int) position;
    double low = select(inside, n, k);
    if (position == k) return low;
    double high = Double.POSITIVE_INFINITY;
    for (int i = k + 1; i < n; i++) high = Math.min(high, inside[i]);
    for (int i = from; k + 1 == n && i < to; i++) {
      if (values[i] > low && values[i] < high) high = values[i];
    }
    return low + (position - k) * (high - low);
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

  /**
   * {@link #of} for many short runs of values: a histogram between the smallest and the largest, then {@link #select} in one of its bins.
   * Its arrays serve all runs; one thread at a time.
   */
  public static final class Runs {
    private static final int BINS = 64;
    private final double[] inside;
    private final int[] bins;
    private final int[] histogram = new int[BINS + 1];

    /** For runs of at most this length. */
    public Runs(int longest) {
      inside = new double[longest];
      bins = new int[longest];
    }

    /**
     * The quantile of the values in [from, to).
     *
     * @param values untouched, finite
     */
    public double of(double[] values, int from, int to, double q) {
      if (from == to) return Double.NEGATIVE_INFINITY;
      double position = Check.within("quantile", q, 0, 1) * (to - from - 1);
      double least = values[from], most = least;
      for (int i = from; i < to; i++) {
        double value = values[i];
        if (value < least) least = value;
        if (value > most) most = value;
      }
      if (least == most) return least;
      double scale = Math.min(BINS / (most - least), Double.MAX_VALUE); // finite for the least of differences, too
      for (int i = from; i < to; i++) bins[i - from] = (int) ((values[i] - least) * scale);
      Arrays.fill(histogram, 0);
      for (int i = from; i < to; i++) histogram[bins[i - from]]++;
      int bin = 0, before = 0;
      while (before + histogram[bin] <= (int) position) before += histogram[bin++];
      int n = 0;
      for (int i = from; i < to; i++) {
        if (bins[i - from] == bin) inside[n++] = values[i];
      }
      return between(values, from, to, inside, n, position - before);
    }
  }
}
