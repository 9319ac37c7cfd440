package io.ballast.objective;

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

  @Override public void multiply(TokenBatch batch, double[] factor) {
    double[] l = OffPolicyRatio.token(above).logs(batch);
    Segments.each(batch, null, (from, to) -> {
      if (!vetoed(l, from, to)) return;
      for (int t = from; t < to; t++) factor[t] = 0;
    });
  }

  private boolean vetoed(double[] l, int from, int to) {
    double bound = Math.log(threshold);
    for (int t = from; t < to; t++) {
      if (l[t] < bound) return true;
    }
    return false;
  }

  @Override public void report(TokenBatch batch, Map<String, Metric> metrics) {
    double[] l = OffPolicyRatio.token(above).logs(batch);
    long[] dropped = new long[1];
    Segments.each(batch, null, (from, to) -> dropped[0] += vetoed(l, from, to) ? 1 : 0);
    metrics.put("vetoed-fraction", new Metric.Mean(dropped[0], batch.sequences()));
  }
}
