package io.ballast.advantage;

/** ln Γ(x) for x &gt; 0, relative error about 1e-15: Lanczos' series with g = 7. */
final class LogGamma {
  private LogGamma() {}

  private static final double[] SERIES = {
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  };

  static double of(double x) {
    double z = x - 1, sum = SERIES[0];
    for (int i = 1; i < SERIES.length; i++) sum += SERIES[i] / (z + i);
    double t = z + 7.5;
    return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
  }
}
