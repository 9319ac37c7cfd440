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

  /** The k-th smallest, k from 0; reorders {@code a} so that it stands at k, smaller ones before, larger ones after. */
  public static double select(double[] a, int k) {
    int left = 0, right = a.length - 1;
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
