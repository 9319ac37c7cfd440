package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.Metric;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Map;

/**
 * M2PO as AReaL has it: the second moment of the proximal over the sampler's policy is kept in budget, and what is left is weighted by
 * that ratio.
 *
 * <pre>
 *   l = oldLogp − behaviourLogp, over all tokens of the step;  drop the largest l² until mean l² &lt; τ
 *   f = 0 for dropped tokens, exp(l) for the others        detached
 * </pre>
 *
 * @param tau τ, nats²
 * @param threshold the largest l² that stays; NaN: not solved
 * @see <a href="https://github.com/inclusionAI/AReaL">AReaL</a>, docs/en/algorithms/m2po.md
 */
public record MismatchMask(double tau, double threshold) implements Weighting {
  public MismatchMask {
    Check.above("tau", tau, 0);
  }

  public MismatchMask(double tau) {
    this(tau, Double.NaN);
  }

  @Override public MismatchMask prepared(TokenBatch whole, RatioLevel level) {
    return new MismatchMask(tau, SecondMoment.largestKept(SecondMoment.proximal(whole), tau, true));
  }

  @Override public boolean isSolved() {
    return !Double.isNaN(threshold);
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    double[] old = batch.oldLogp(), behaviour = batch.behaviourLogp();
    long dropped = 0;
    for (int t = 0; t < factor.length; t++) {
      double l = SecondMoment.held(old[t] - behaviour[t]);
      boolean drops = l * l > threshold;
      if (drops) dropped++;
      factor[t] = drops ? 0 : factor[t] * Math.exp(l);
    }
    metrics.put("second-moment-dropped-fraction", new Metric.Mean(dropped, batch.tokens()));
  }
}
