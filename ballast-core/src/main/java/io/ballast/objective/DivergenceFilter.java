package io.ballast.objective;

import java.util.Map;

/**
 * Rejection by an estimate of the divergence between sampler and policy (K-divergence).
 *
 * <pre>
 *   l_t = log-ratio of the token, see {@link OffPolicyRatio}
 *   k1 = −l      k2 = l²/2      k3 = e^l − 1 − l
 *   judged by the token's own number, or by its sequence's sum, mean or maximum (k2, k3)
 *   k1: kept if ln lower ≤ −k1 ≤ ln upper, bounds on the ratio itself      k2, k3: kept if k ≤ upper
 * </pre>
 *
 * verl compares k1 = −l with the logarithms of its bounds, which bounds the inverse ratio; here bounds are on the ratio.
 * Symmetric bounds (0.5, 2) agree either way.
 *
 * @param lower read for k1 only
 * @see <a href="https://verl.readthedocs.io/en/latest/algo/rollout_corr.html">verl, rollout correction</a>
 */
public record DivergenceFilter(TruncatedImportance.Against above, Estimator estimator, Fold fold, double lower, double upper)
    implements Weighting {

  public enum Estimator { K1, K2, K3 }

  /** The number a token is judged by: its own, or one of its sequence's. */
  public enum Fold { TOKEN, SEQ_SUM, SEQ_MEAN, SEQ_MAX }

  public DivergenceFilter {
    Check.above("upper", upper, 0);
    if (estimator == Estimator.K1) Check.within("lower", lower, 0, upper);
    if (estimator == Estimator.K1 && fold == Fold.SEQ_MAX) {
      throw new IllegalArgumentException("fold seq-max goes with k2 and k3; k1 has two signs: use token, seq-sum or seq-mean");
    }
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    double[] k = judged(batch);
    // the bounds are on the ratio, and k1 = −l: they change places
    double least = estimator == Estimator.K1 ? -Math.log(upper) : Double.NEGATIVE_INFINITY;
    double most = estimator == Estimator.K1 ? -Math.log(lower) : upper;
    long dropped = 0;
    for (int t = 0; t < factor.length; t++) {
      if (least <= k[t] && k[t] <= most) continue;
      factor[t] = 0;
      dropped++;
    }
    metrics.put("divergence-rejected-fraction", new Metric.Mean(dropped, batch.tokens()));
  }

  private double[] judged(TokenBatch batch) {
    double[] k = OffPolicyRatio.token(above).logs(batch);
    for (int t = 0; t < k.length; t++) {
      k[t] = switch (estimator) {
        case K1 -> -k[t];
        case K2 -> k[t] * k[t] / 2;
        case K3 -> Math.expm1(k[t]) - k[t];
      };
    }
    if (fold == Fold.TOKEN) return k;
    Segments.each(batch, null, (from, to) -> {
      double sum = 0, max = Double.NEGATIVE_INFINITY;
      for (int t = from; t < to; t++) {
        sum += k[t];
        max = Math.max(max, k[t]);
      }
      double one = fold == Fold.SEQ_MAX ? max : fold == Fold.SEQ_MEAN ? sum / (to - from) : sum;
      for (int t = from; t < to; t++) k[t] = one;
    });
    return k;
  }
}
