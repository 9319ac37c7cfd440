package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Metric;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Map;

/**
 * DPPO's mask: a token is dropped where its update moves the policy further away and the divergence at its position is already large.
 *
 * <pre>
 *   p = exp(logp), q = exp(anchor)                        detached; P, Q below are the anchor's and the current policy's
 *   A &gt; 0: drop if D &gt; delta-high and p &gt; q              A ≤ 0: drop if D &gt; delta-low and p &lt; q
 *   BINARY TV   D = |p − q|
 *   BINARY KL   D = q (ln q − ln p) + (1 − q) ln((1 − q + 1e-8)/(1 − p + 1e-8))
 *   TOP_K       over the sampler's k likeliest tokens and one bucket for the rest, P_rest = 1 − Σ P_k, Q_rest = 1 − Σ Q_k, each at least 1e-12:
 *     TV        D = ½ (Σ |P_k − Q_k| + |P_rest − Q_rest|)
 *     KL        D = Σ P_k (ln P_k − ln Q_k) + P_rest (ln P_rest − ln Q_rest)
 * </pre>
 *
 * <p>Metrics {@code masked-fraction-positive}, {@code masked-fraction-negative}: dropped share of the tokens with A &gt; 0, with A &lt; 0.
 *
 * @param anchor whose distribution D is measured from, in BINARY form; TOP_K reads {@code behaviourTopLogp}, {@code logpAtBehaviourTop}
 * @see <a href="https://arxiv.org/abs/2602.04879">Rethinking the Trust Region in LLM Reinforcement Learning</a>
 */
public record DivergenceMask(Divergence divergence, Support support, Anchor anchor, double deltaLow, double deltaHigh) implements Weighting {

  /** Total variation or KL(anchor ‖ current). */
  public enum Divergence { TV, KL }

  /** What the distribution is reduced to. */
  public enum Support { BINARY, TOP_K }

  /** The sampler's probabilities, or the proximal policy's. */
  public enum Anchor { SAMPLER, PROXIMAL }

  private static final double REST = 1e-12, BINARY_EPS = 1e-8;

  public DivergenceMask {
    Check.within("delta-low", deltaLow, 0, Double.MAX_VALUE);
    Check.within("delta-high", deltaHigh, 0, Double.MAX_VALUE);
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    double[] current = batch.logp(), from = anchored(batch), advantage = batch.advantage();
    Distance distance = distance(batch);
    long positive = 0, negative = 0, droppedPositive = 0, droppedNegative = 0;
    for (int t = 0; t < factor.length; t++) {
      double a = advantage[t], ahead = current[t] - from[t];
      boolean up = a > 0;
      boolean drops = (up ? ahead > 0 : ahead < 0) && distance.at(t) > (up ? deltaHigh : deltaLow);
      if (drops) factor[t] = 0;
      if (up) positive++;
      else if (a < 0) negative++;
      if (drops && up) droppedPositive++;
      else if (drops && a < 0) droppedNegative++;
    }
    metrics.put("masked-fraction-positive", new Metric.Mean(droppedPositive, positive));
    metrics.put("masked-fraction-negative", new Metric.Mean(droppedNegative, negative));
  }

  private double[] anchored(TokenBatch batch) {
    return anchor == Anchor.SAMPLER ? batch.behaviourLogp() : batch.oldLogp();
  }

  private interface Distance {
    double at(int t);
  }

  private Distance distance(TokenBatch batch) {
    if (support == Support.TOP_K) return topK(batch);
    double[] current = batch.logp(), from = anchored(batch);
    return divergence == Divergence.TV
        ? t -> Math.abs(Math.exp(current[t]) - Math.exp(from[t]))
        : t -> binaryKl(Math.exp(current[t]), Math.exp(from[t]), from[t] - current[t]);
  }

  private static double binaryKl(double p, double q, double logRatio) {
    return q * logRatio + (1 - q) * Math.log((1 - q + BINARY_EPS) / (1 - p + BINARY_EPS));
  }

  private Distance topK(TokenBatch batch) {
    double[] logP = batch.column(Column.BEHAVIOUR_TOP_LOGP), logQ = batch.column(Column.LOGP_AT_BEHAVIOUR_TOP);
    if (logP.length != logQ.length) {
      throw new IllegalArgumentException("%s and %s must hold the same number of values a token, got %d and %d in all"
          .formatted(Column.BEHAVIOUR_TOP_LOGP, Column.LOGP_AT_BEHAVIOUR_TOP, logP.length, logQ.length));
    }
    int k = batch.tokens() == 0 ? 0 : logP.length / batch.tokens();
    return t -> {
      double restP = 1, restQ = 1, kl = 0, tv = 0;
      for (int i = t * k; i < (t + 1) * k; i++) {
        double p = Math.exp(logP[i]), q = Math.exp(logQ[i]);
        restP -= p;
        restQ -= q;
        kl += p * (logP[i] - logQ[i]);
        tv += Math.abs(p - q);
      }
      restP = Math.max(restP, REST);
      restQ = Math.max(restQ, REST);
      return divergence == Divergence.TV ? (tv + Math.abs(restP - restQ)) / 2 : kl + restP * Math.log(restP / restQ);
    };
  }
}
