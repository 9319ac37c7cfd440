package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.SegmentRatio;
import io.ballast.objective.Segments;
import io.ballast.objective.Term;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Token;
import java.util.Arrays;
import java.util.Map;

/**
 * A mixture of the token's ratio and its sequence's, each clipped in its own trust region before they are mixed.
 *
 * <pre>
 *   r = token ratio, s = geometric mean over the sequence in the form sg[s] · exp(logp − sg[logp])
 *   r_c = clip(r, 1 − token-low, 1 + token-high),  s_c = clip(s, 1 − sequence-low, 1 + sequence-high)
 *   m = w r + (1 − w) s,  m_c = w r_c + (1 − w) s_c            w detached
 *
 *   MIN_OF_MIXTURES   J = min(m A, m_c A)
 *   MIXTURE_OF_MINS   J = w min(r A, r_c A) + (1 − w) min(s A, s_c A)
 *   CLIPPED_ONLY      J = m_c A
 *
 *   dm/dlogp = w r + (1 − w) s;   dm_c/dlogp = w r 1{r inside} + (1 − w) s 1{s inside}
 * </pre>
 *
 * The weight is a number, or by entropy within the sequence: w_t = (H_t − min H) / (max H − min H + 1e-8), or one minus that.
 *
 * @param share w of {@link Weight#SHARE}
 * @see <a href="https://arxiv.org/abs/2601.05607">DHPO</a>; which composition the paper has is not public
 */
public record HybridRatio(Band token, Band sequence, Composition composition, Weight weight, double share) implements Term {

  /** How clip and mixture are put together. */
  public enum Composition { MIN_OF_MIXTURES, MIXTURE_OF_MINS, CLIPPED_ONLY }

  /** The weight of the token's own ratio: a number, growing with entropy, or falling with it. */
  public enum Weight { SHARE, ENTROPY, INVERSE_ENTROPY }

  public HybridRatio {
    Check.within("w", share, 0, 1);
  }

  /** A ratio is kept in [1 − low, 1 + high]. */
  public record Band(double low, double high) {
    public Band {
      Check.within("clip-low", low, 0, Double.MAX_VALUE);
      Check.within("clip-high", high, 0, Double.MAX_VALUE);
    }

    double clip(double x) {
      return Math.clamp(x, 1 - low, 1 + high);
    }

    boolean holds(double x) {
      return 1 - low <= x && x <= 1 + high;
    }
  }

  @Override public boolean clips() {
    return true;
  }

  @Override public Kernel on(TokenBatch batch) {
    double[] shared = new double[batch.tokens()];
    SegmentRatio.sequenceMean(SegmentRatio.Gradient.OWN).logRatios(batch, shared);
    double[] own = weights(batch);
    return new Kernel() {
      private double total, s;
      private int current = -1;

      @Override public void apply(Token t) {
        if (t.sequence != current) {
          current = t.sequence;
          s = Math.exp(shared[t.index]);
        }
        double r = t.ratio, w = own[t.index], a = t.advantage;
        total += w;
        double slopeR = token.holds(r) ? r : 0, slopeS = sequence.holds(s) ? s : 0;
        if (composition == Composition.MIXTURE_OF_MINS) {
          double heldR = token.clip(r), heldS = sequence.clip(s);
          boolean cutR = heldR * a < r * a, cutS = heldS * a < s * a;
          t.answer(a * (w * (cutR ? heldR : r) + (1 - w) * (cutS ? heldS : s)),
              a * (w * (cutR ? 0 : r) + (1 - w) * (cutS ? 0 : s)), cutR || cutS);
          return;
        }
        double free = (w * r + (1 - w) * s) * a, held = (w * token.clip(r) + (1 - w) * sequence.clip(s)) * a;
        boolean takeHeld = composition == Composition.CLIPPED_ONLY || held < free;
        double inside = w * slopeR + (1 - w) * slopeS;
        t.answer(takeHeld ? held : free, takeHeld ? inside * a : free, takeHeld && inside * a != free);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("token-weight-mean", new Metric.Mean(total, batch.tokens()));
      }
    };
  }

  private double[] weights(TokenBatch batch) {
    double[] w = new double[batch.tokens()];
    if (weight == Weight.SHARE) {
      Arrays.fill(w, share);
      return w;
    }
    double[] entropy = batch.column(Column.ENTROPY);
    Segments.each(batch, null, (from, to) -> {
      double least = Double.POSITIVE_INFINITY, most = Double.NEGATIVE_INFINITY;
      for (int t = from; t < to; t++) {
        least = Math.min(least, entropy[t]);
        most = Math.max(most, entropy[t]);
      }
      for (int t = from; t < to; t++) {
        double share = (entropy[t] - least) / (most - least + 1e-8);
        w[t] = weight == Weight.ENTROPY ? share : 1 - share;
      }
    });
    return w;
  }
}
