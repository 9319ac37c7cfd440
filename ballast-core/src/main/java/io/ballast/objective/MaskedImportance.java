package io.ballast.objective;

import java.util.Map;

/**
 * Masked importance sampling (MIS): inside the band the raw ratio, outside nothing.
 *
 * <pre>   w_t = ρ_t · 1{lower ≤ ρ_t ≤ upper}      or, as a pure filter,  w_t = 1{lower ≤ ρ_t ≤ upper}</pre>
 *
 * At token level with [0.5, 5] it is IcePop; at geometric level as a filter it keeps or drops whole answers whatever their length.
 * What is dropped stays in the denominators, so that rejection shrinks the step and does not raise the weight of the rest.
 *
 * @param filter whether what is kept has weight 1 and not ρ
 * @see <a href="https://richardli.xyz/rl-collapse">Li et al. 2025</a>, masked and geometric forms
 * @see <a href="https://arxiv.org/abs/2510.18855">IcePop</a>
 */
public record MaskedImportance(OffPolicyRatio ratio, double lower, double upper, boolean filter) implements Weighting {
  public MaskedImportance {
    Check.within("lower", lower, 0, upper);
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    double[] ratios = ratio.of(batch);
    long dropped = 0;
    for (int t = 0; t < factor.length; t++) {
      double rho = ratios[t];
      if (lower <= rho && rho <= upper) {
        factor[t] *= filter ? 1 : rho;
      } else {
        factor[t] = 0;
        dropped++;
      }
    }
    metrics.put("importance-masked-fraction", new Metric.Mean(dropped, batch.tokens()));
  }
}
