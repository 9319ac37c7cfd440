package io.ballast.objective.offpolicy;

import io.ballast.objective.OffPolicyRatio;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.TruncatedImportance.Against;
import java.util.Arrays;

/** M2PO's budget on the second moment of the log-ratio to the sampler: which tokens it looks at, and what it can afford. */
final class SecondMoment {
  private SecondMoment() {}

  /** Squared log-ratios of the tokens that PPO would clip at some bound: A &gt; 0 and l &gt; 0, or A &lt; 0 and l &lt; 0; ascending. */
  static double[] trustRegion(TokenBatch batch) {
    double[] l = OffPolicyRatio.token(Against.CURRENT).logs(batch);
    int count = 0;
    for (int t = 0; t < l.length; t++) {
      if (batch.advantage()[t] * l[t] > 0) l[count++] = l[t] * l[t];
    }
    double[] squares = Arrays.copyOf(l, count);
    Arrays.sort(squares);
    return squares;
  }

  /** Squared log-ratios of proximal over sampler's policy, of all tokens; ascending. */
  static double[] proximal(TokenBatch batch) {
    double[] squares = OffPolicyRatio.token(Against.PROXIMAL).logs(batch);
    for (int t = 0; t < squares.length; t++) squares[t] *= squares[t];
    Arrays.sort(squares);
    return squares;
  }

  /**
   * The largest square that may stay, so that the mean of those up to it is within the budget; −1 where none may.
   *
   * @param strict whether the mean must stay below tau and not just reach it
   */
  static double largestKept(double[] ascending, double tau, boolean strict) {
    double[] prefix = new double[ascending.length];
    double sum = 0;
    for (int i = 0; i < prefix.length; i++) prefix[i] = sum += ascending[i];
    for (int n = prefix.length; n > 0; n--) {
      double mean = prefix[n - 1] / n;
      if (strict ? mean < tau : mean <= tau) return ascending[n - 1];
    }
    return -1;
  }

  /** The largest u for which the mean of min(l², u²) is within tau; infinite where no limit is needed. */
  static double clipAt(double[] ascending, double tau) {
    int n = ascending.length;
    double below = 0;
    for (int kept = 0; kept < n; kept++) {
      double square = (tau * n - below) / (n - kept); // u² if exactly the first `kept` lie below it
      if (square < ascending[kept]) return Math.sqrt(square);
      below += ascending[kept];
    }
    return Double.POSITIVE_INFINITY;
  }
}
