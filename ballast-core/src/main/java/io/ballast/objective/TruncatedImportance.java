package io.ballast.objective;

import java.util.Map;

/**
 * Truncated importance sampling, token by token: the policy term times w = min(exp(logp_a − behaviourLogp), cap), detached.
 *
 * @param against which policy stands over the sampler's: CURRENT (π_θ) for a method without a ratio of its own, PROXIMAL
 *     (oldLogp) for one whose ratio starts from there
 * @param cap the largest weight; infinite: plain importance sampling
 * @see <a href="https://fengyao.notion.site/off-policy-rl">Yao et al. 2025</a>
 */
public record TruncatedImportance(Against against, double cap) implements Weighting {

  /** The policy above the fraction bar. */
  public enum Against { CURRENT, PROXIMAL }

  public TruncatedImportance {
    Check.above("importance cap", cap, 0);
  }

  @Override public void multiply(TokenBatch batch, double[] factor) {
    for (int t = 0; t < factor.length; t++) factor[t] *= Math.min(weight(batch, t), cap);
  }

  private double weight(TokenBatch batch, int t) {
    double[] above = against == Against.CURRENT ? batch.logp() : batch.oldLogp();
    return Math.exp(Math.clamp(above[t] - batch.behaviourLogp()[t], -TokenBatch.MAX_LOG_RATIO, TokenBatch.MAX_LOG_RATIO));
  }

  @Override public void report(TokenBatch batch, Map<String, Metric> metrics) {
    long cut = 0;
    for (int t = 0; t < batch.tokens(); t++) {
      if (weight(batch, t) > cap) cut++;
    }
    metrics.put("importance-truncated-fraction", new Metric.Mean(cut, batch.tokens()));
  }
}
