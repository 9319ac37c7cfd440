package io.ballast.objective;

import org.jspecify.annotations.Nullable;

/**
 * The tokens of a segment share one ratio, made of all of theirs.
 *
 * <pre>
 *   d_u  = logp_u − oldLogp_u                 within ±20
 *   MEAN:    x_S = exp(1/|S| Σ_{u∈S} d_u)     geometric mean (GSPO)
 *   PRODUCT: x_S = exp(Σ_{u∈S} d_u)           true ratio of the segment, the sum within ±20
 * </pre>
 *
 * <p>Gradient form SHARED is the chain rule: ∂ ln x_S/∂logp_u = 1/|S| (PRODUCT: 1), so each token gets the mean (sum) of the slopes
 * of its segment. OWN is the stop-gradient form x_t = sg[x_S] · exp(logp_t − sg[logp_t]): each token keeps its own slope.
 * With MEAN they agree where advantage and weight are equal throughout the segment.
 *
 * @param column the column whose runs of equal numbers are the segments ({@link Column#TURN}, {@link Column#SENTENCE}), or null: the
 *     whole sequence is one
 */
public record SegmentRatio(@Nullable String column, Size size, Gradient gradient) implements RatioLevel {

  /** How the token ratios make the segment's. */
  public enum Size { MEAN, PRODUCT }

  /** How the gradient returns to the tokens. */
  public enum Gradient { SHARED, OWN }

  /** GSPO's ratio: the geometric mean over the sequence. */
  public static SegmentRatio sequenceMean(Gradient gradient) {
    return new SegmentRatio(null, Size.MEAN, gradient);
  }

  @Override public void logRatios(TokenBatch batch, double[] out) {
    Segments.each(batch, column, (from, to) -> {
      double sum = 0;
      for (int t = from; t < to; t++) sum += batch.logRatio(t);
      double x = size == Size.MEAN ? sum / (to - from) : Math.clamp(sum, -TokenBatch.MAX_LOG_RATIO, TokenBatch.MAX_LOG_RATIO);
      for (int t = from; t < to; t++) out[t] = x;
    });
  }

  @Override public void spread(TokenBatch batch, double[] gradient) {
    if (this.gradient == Gradient.OWN) return;
    Segments.each(batch, column, (from, to) -> {
      double sum = 0;
      for (int t = from; t < to; t++) sum += gradient[t];
      double each = size == Size.MEAN ? sum / (to - from) : sum;
      for (int t = from; t < to; t++) gradient[t] = each;
    });
  }
}
