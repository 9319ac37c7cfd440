package io.ballast.objective;

import java.util.Arrays;
import java.util.Map;

/**
 * Drops a whole sequence once a single token of it is nearly impossible under the policy above the sampler's.
 *
 * <pre>   w = 0 for every token of the sequence if some l_t &lt; ln threshold, else 1      l: see {@link OffPolicyRatio}</pre>
 *
 * @param threshold the smallest ratio that is let through
 * @see <a href="https://github.com/THUDM/slime">slime</a>, examples/train_infer_mismatch_helper, where it is 1e-4
 */
public record Veto(TruncatedImportance.Against above, double threshold) implements Weighting {
  public Veto {
    Check.within("threshold", threshold, 0, 1);
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    double[] l = OffPolicyRatio.token(above).logs(batch);
    double bound = Math.log(threshold);
    long[] dropped = new long[1];
    Segments.each(batch, null, (from, to) -> {
      if (!vetoed(l, from, to, bound)) return;
      Arrays.fill(factor, from, to, 0);
      dropped[0]++;
    });
    metrics.put("vetoed-fraction", new Metric.Mean(dropped[0], batch.sequences()));
  }

  private static boolean vetoed(double[] l, int from, int to, double bound) {
    for (int t = from; t < to; t++) {
      if (l[t] < bound) return true;
    }
    return false;
  }
}
