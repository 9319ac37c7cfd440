package io.ballast.advantage;

/** Mean and squared deviation of some numbers. */
record Moments(double mean, double squares, long count) {

  static Moments of(double[] values) {
    double sum = 0, squares = 0;
    for (double value : values) sum += value;
    double mean = values.length == 0 ? 0 : sum / values.length;
    for (double value : values) squares += (value - mean) * (value - mean);
    return new Moments(mean, squares, values.length);
  }

  double variance(int ddof) {
    return count > ddof ? squares / (count - ddof) : 0;
  }

  double deviation(int ddof) {
    return Math.sqrt(variance(ddof));
  }
}
