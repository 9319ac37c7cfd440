package io.ballast.objective;

import java.util.Map;

/**
 * Drops the policy term of tokens with A &lt; 0 in sequences that have drifted too far from their sampler.
 *
 * <pre>   drop token t of sequence s  if  A_t &lt; 0  and  1/|s| Σ_{u∈s} (behaviourLogp_u − logp_u) &gt; threshold</pre>
 *
 * @param threshold nats a token
 * @see <a href="https://arxiv.org/abs/2512.02556">DeepSeek-V3.2</a>, off-policy sequence masking
 */
public record OffPolicyMask(double threshold) implements Weighting {

  public OffPolicyMask {
    Check.within("off-policy-mask", threshold, -Double.MAX_VALUE, Double.MAX_VALUE);
  }

  @Override public void multiply(TokenBatch batch, double[] factor) {
    for (int s = 0; s < batch.sequences(); s++) {
      if (!drifted(batch, s)) continue;
      for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) {
        if (batch.advantage()[t] < 0) factor[t] = 0;
      }
    }
  }

  private boolean drifted(TokenBatch batch, int s) {
    double[] behaviour = batch.behaviourLogp();
    double drift = 0;
    for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) drift += behaviour[t] - batch.logp()[t];
    return batch.length(s) > 0 && drift / batch.length(s) > threshold;
  }

  @Override public void report(TokenBatch batch, Map<String, Metric> metrics) {
    long masked = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      if (batch.length(s) > 0 && batch.advantage()[batch.offsets()[s]] < 0 && drifted(batch, s)) masked++;
    }
    metrics.put("off-policy-masked-fraction", new Metric.Mean(masked, batch.sequences()));
  }
}
