package io.ballast.objective;

import io.ballast.objective.TruncatedImportance.Against;

/**
 * How far the sampler's policy μ is from the policy above it, as a detached ratio per token.
 *
 * <pre>
 *   l_t = above_t − behaviourLogp_t        within ±20; above: see {@link Against}
 *
 *   TOKEN      exp(l_t)
 *   TURN       exp(mean of l over the run of equal numbers in the column {@code turn})
 *   SEQUENCE   exp(Σ l over the sequence), the sum within ±20
 *   GEOMETRIC  exp(mean of l over the sequence)
 * </pre>
 *
 * A constant, always: a correction changes the measure, so differentiating it would add a term that belongs to no objective. Where the
 * batch has no column {@code behaviourLogp}, μ is the proximal policy.
 */
public record OffPolicyRatio(Against above, Level level) {

  /** The tokens that share one ratio. */
  public enum Level { TOKEN, TURN, SEQUENCE, GEOMETRIC }

  /** A ratio per token. */
  public static OffPolicyRatio token(Against above) {
    return new OffPolicyRatio(above, Level.TOKEN);
  }

  /** l_t, [T]. */
  public double[] logs(TokenBatch batch) {
    double[] over = switch (above) {
      case CURRENT -> batch.logp();
      case PROXIMAL -> batch.oldLogp();
      case SAMPLING -> batch.column(Column.SAMPLING_LOGP);
    };
    double[] behaviour = batch.behaviourLogp();
    double[] l = new double[batch.tokens()];
    for (int t = 0; t < l.length; t++) l[t] = held(over[t] - behaviour[t]);
    return l;
  }

  /** The ratio of each token's level, [T]. */
  public double[] of(TokenBatch batch) {
    double[] ratio = logs(batch);
    if (level == Level.TOKEN) {
      for (int t = 0; t < ratio.length; t++) ratio[t] = Math.exp(ratio[t]);
      return ratio;
    }
    Segments.each(batch, level == Level.TURN ? Column.TURN : null, (from, to) -> {
      double sum = 0;
      for (int t = from; t < to; t++) sum += ratio[t];
      double shared = Math.exp(level == Level.SEQUENCE ? held(sum) : sum / (to - from));
      for (int t = from; t < to; t++) ratio[t] = shared;
    });
    return ratio;
  }

  private static double held(double log) {
    return Math.clamp(log, -TokenBatch.MAX_LOG_RATIO, TokenBatch.MAX_LOG_RATIO);
  }
}
