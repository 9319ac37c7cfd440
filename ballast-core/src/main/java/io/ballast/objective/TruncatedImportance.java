package io.ballast.objective;

import java.util.Map;

/**
 * Truncated importance sampling (TIS): the policy term times a detached weight.
 *
 * <pre>   w_t = min(ρ_t, cap)      ρ: see {@link OffPolicyRatio}</pre>
 *
 * Low variance, biased towards the sampler: a token it under-represents counts cap times at most.
 *
 * @param cap the largest weight; infinite: plain importance sampling
 * @see <a href="https://fengyao.notion.site/off-policy-rl">Yao et al. 2025</a>
 */
public record TruncatedImportance(OffPolicyRatio ratio, double cap) implements Weighting {

  /**
   * The policy above the fraction bar: CURRENT (π_θ) for a method without a ratio of its own, PROXIMAL (oldLogp) for one whose ratio
   * starts there, SAMPLING (the column {@code trainLogpAtBehaviourVersion}) for the weights that sampled the token, as the
   * training engine computes them.
   */
  public enum Against { CURRENT, PROXIMAL, SAMPLING }

  public TruncatedImportance {
    Check.above("importance cap", cap, 0);
  }

  /** A weight per token. */
  public TruncatedImportance(Against against, double cap) {
    this(OffPolicyRatio.token(against), cap);
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    double[] rho = ratio.of(batch);
    long cut = 0;
    for (int t = 0; t < factor.length; t++) {
      if (rho[t] > cap) cut++;
      factor[t] *= Math.min(rho[t], cap);
    }
    metrics.put("importance-truncated-fraction", new Metric.Mean(cut, batch.tokens()));
  }
}
