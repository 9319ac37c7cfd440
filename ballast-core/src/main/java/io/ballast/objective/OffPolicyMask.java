package io.ballast.objective;

import java.util.Arrays;
import java.util.Map;

/**
 * Drops the policy term of sequences with A &lt; 0 that have drifted too far from their sampler.
 *
 * <pre>   drop sequence s  if  1/|s| Σ_{u∈s} A_u &lt; 0  and  1/|s| Σ_{u∈s} (behaviourLogp_u − logp_u) &gt; threshold</pre>
 *
 * The sequence is judged as a whole, also where advantages differ within it. Read from logp at every evaluation; no gradient through it.
 *
 * @param threshold nats a token
 * @see <a href="https://arxiv.org/abs/2512.02556">DeepSeek-V3.2</a>, off-policy sequence masking
 */
public record OffPolicyMask(double threshold) implements Weighting {

  public OffPolicyMask {
    Check.within("off-policy-mask", threshold, -Double.MAX_VALUE, Double.MAX_VALUE);
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    long[] dropped = new long[1];
    Segments.each(batch, null, (from, to) -> {
      if (!masked(batch, from, to)) return;
      Arrays.fill(factor, from, to, 0);
      dropped[0]++;
    });
    metrics.put("off-policy-masked-fraction", new Metric.Mean(dropped[0], batch.sequences()));
  }

  private boolean masked(TokenBatch batch, int from, int to) {
    double[] behaviour = batch.behaviourLogp(), logp = batch.logp(), advantage = batch.advantage();
    double drift = 0, sum = 0;
    for (int t = from; t < to; t++) {
      drift += behaviour[t] - logp[t];
      sum += advantage[t];
    }
    return sum < 0 && drift / (to - from) > threshold;
  }
}
