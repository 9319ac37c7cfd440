package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.Metric;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Map;

/**
 * The decoupled objective's weight with the <em>total</em> ratio truncated: w times the proximal ratio never exceeds the cap.
 *
 * <pre>   w_t = exp(oldLogp − max(behaviourLogp, sg[logp] − ln cap)) = min(exp(oldLogp − behaviourLogp), cap / r)      detached</pre>
 *
 * @param cap of exp(logp − behaviourLogp)
 * @see <a href="https://arxiv.org/abs/2110.00641">PPO-EWMA</a> and openai/ppo-ewma, where it is 100
 */
public record TruncatedTotal(double cap) implements Weighting {
  public TruncatedTotal {
    Check.above("imp-max", cap, 0);
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    double[] behaviour = batch.behaviourLogp(), logp = batch.logp(), old = batch.oldLogp();
    double room = Math.log(cap), bound = TokenBatch.MAX_LOG_RATIO;
    long cut = 0;
    for (int t = 0; t < factor.length; t++) {
      if (logp[t] - behaviour[t] > room) cut++;
      factor[t] *= Math.exp(Math.clamp(old[t] - Math.max(behaviour[t], logp[t] - room), -bound, bound));
    }
    metrics.put("importance-truncated-fraction", new Metric.Mean(cut, batch.tokens()));
  }
}
