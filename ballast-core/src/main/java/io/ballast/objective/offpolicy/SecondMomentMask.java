package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.Metric;
import io.ballast.objective.OffPolicyRatio;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.TruncatedImportance.Against;
import io.ballast.objective.Weighting;
import java.util.Map;

/**
 * M2PO's mask: the tokens furthest from the sampler are dropped until the second moment of the log-ratio is within its budget.
 *
 * <pre>
 *   paper   l = logp − behaviourLogp,  over 𝒯 = {A &gt; 0, l &gt; 0} ∪ {A &lt; 0, l &lt; 0};  drop the largest l² of 𝒯 until mean l² ≤ τ
 *   AReaL   l = oldLogp − behaviourLogp, over all tokens;  drop the largest until mean l² &lt; τ
 *   f = 0 for dropped tokens, 1 for all others, detached
 * </pre>
 *
 * The whole optimizer step is sorted: the mask of a part cannot be known from the part. Equal squares stay or go together.
 *
 * @param tau τ, nats²
 * @param areal which of the two
 * @param threshold the largest l² that stays; NaN: found on the batch that is evaluated
 * @see <a href="https://arxiv.org/abs/2510.01161">Prosperity before Collapse</a>, algorithm 1
 */
public record SecondMomentMask(double tau, boolean areal, double threshold) implements Weighting {
  public SecondMomentMask {
    Check.above("tau", tau, 0);
  }

  public SecondMomentMask(double tau, boolean areal) {
    this(tau, areal, Double.NaN);
  }

  @Override public SecondMomentMask prepared(TokenBatch whole, RatioLevel level) {
    return new SecondMomentMask(tau, areal, solve(whole));
  }

  private double solve(TokenBatch batch) {
    return SecondMoment.largestKept(areal ? SecondMoment.proximal(batch) : SecondMoment.trustRegion(batch), tau, areal);
  }

  private boolean[] dropped(TokenBatch batch) {
    double most = Double.isNaN(threshold) ? solve(batch) : threshold;
    double[] l = OffPolicyRatio.token(areal ? Against.PROXIMAL : Against.CURRENT).logs(batch);
    boolean[] dropped = new boolean[l.length];
    for (int t = 0; t < l.length; t++) {
      dropped[t] = (areal || batch.advantage()[t] * l[t] > 0) && l[t] * l[t] > most;
    }
    return dropped;
  }

  @Override public void multiply(TokenBatch batch, double[] factor) {
    boolean[] dropped = dropped(batch);
    for (int t = 0; t < factor.length; t++) {
      if (dropped[t]) factor[t] = 0;
    }
  }

  @Override public void report(TokenBatch batch, Map<String, Metric> metrics) {
    long count = 0;
    for (boolean dropped : dropped(batch)) count += dropped ? 1 : 0;
    metrics.put("second-moment-dropped-fraction", new Metric.Mean(count, batch.tokens()));
  }
}
