package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Quantile;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.SignBit;
import io.ballast.objective.Term;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Token;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * HAPO's clip: bounds and advantage of a token follow its normalised entropy ĥ ∈ [−1, 1].
 *
 * <pre>
 *   L = ln max(H, 1e-8);  q = pivot-quantile of L (nearest rank);  h = L − q;  h ← h / √mean h²
 *   ĥ = h / max h  for h &gt; 0,  h / |min h|  for h &lt; 0              all over the step, detached
 *
 *   low_t  = low (1 − α ĥ) if ĥ ≤ 0 else low        high_t = high (1 + α ĥ) if ĥ &gt; 0 else high
 *   zone: 1 − low_t/2 &lt; r &lt; 1 + high_t/2            r detached here
 *   A'_t = A (1 + β ĥ)  where ĥ &gt; 0 and r outside the zone, or ĥ ≤ 0 and r inside; A elsewhere
 *   J_t = min(r A', clip(r, 1 − low_t, 1 + high_t) A'), for A' &lt; 0 then at least cap · A'
 *   ∂J/∂ln r = r A' where the unclipped branch holds, else 0
 * </pre>
 *
 * The released code divides the negative side by min h instead of |min h|, so that ĥ ≥ 0 everywhere and half of the method never fires;
 * {@code released} reproduces that.
 *
 * @param pivot which quantile is neutral; 0.8 in the official code
 * @param alpha how far entropy widens the bounds
 * @param beta how far entropy moves the advantage
 * @param cap dual clip
 * @param scale of the whole step; null: not solved
 * @see <a href="https://arxiv.org/abs/2509.16591">HAPO</a> and the code at starriver030515/HAPO
 */
public record HeterogeneousClip(double low, double high, double cap, double pivot, double alpha, double beta, boolean released,
    @Nullable Scale scale) implements Term {

  /** What turns a token's entropy into ĥ: the pivot of L, and the divisors of the two sides, already times the deviation. */
  public record Scale(double pivot, double above, double below) {}

  public HeterogeneousClip {
    Check.within("clip-low", low, 0, 1);
    Check.within("clip-high", high, 0, Double.MAX_VALUE);
    Check.within("entropy-pivot", pivot, 0, 1);
    Check.within("clip-alpha", alpha, 0, Double.MAX_VALUE);
    Check.within("adv-beta", beta, 0, Double.MAX_VALUE);
    Check.above("dual-clip", cap, 1);
  }

  @Override public HeterogeneousClip prepared(TokenBatch whole, RatioLevel level) {
    return new HeterogeneousClip(low, high, cap, pivot, alpha, beta, released, scale(whole));
  }

  @Override public boolean isSolved() {
    return scale != null;
  }

  @Override public boolean clips() {
    return true;
  }

  private Scale scale(TokenBatch whole) {
    double[] entropy = whole.column(Column.ENTROPY);
    if (entropy.length == 0) return new Scale(0, 1, 1);
    double most = entropy[0], least = entropy[0];
    for (double h : entropy) {
      most = h > most ? h : most;
      least = h < least ? h : least;
    }
    // the logarithm keeps the order, and the deviation cancels: ĥ is relative to the extremes
    double q = log(Quantile.nearest(entropy, pivot)), above = log(most) - q, below = q - log(least);
    return new Scale(q, above == 0 ? 1 : above, below == 0 ? 1 : below);
  }

  private static double log(double entropy) {
    return Math.log(Math.max(entropy, 1e-8));
  }

  /** ĥ, [T]. */
  private double[] normalised(TokenBatch batch, Scale by) {
    double[] h = batch.column(Column.ENTROPY).clone();
    for (int t = 0; t < h.length; t++) h[t] = log(h[t]);
    double pivot = by.pivot, above = by.above, below = released ? -by.below : by.below;
    for (int t = 0; t < h.length; t++) {
      double off = h[t] - pivot, size = Math.abs(off);
      h[t] = (off + size) / 2 / above + (off - size) / 2 / below;
    }
    return h;
  }

  @Override public Kernel on(TokenBatch batch) {
    Scale by = Objects.requireNonNull(scale);
    double[] normalised = normalised(batch, by);
    return new Kernel() {
      private long moved;

      @Override public void apply(Token token) {
        double h = normalised[token.index], r = token.ratio, size = Math.abs(h);
        double lower = low * (1 + alpha * (size - h) / 2), upper = high * (1 + alpha * (size + h) / 2);
        int zone = SignBit.of(1 - lower / 2 - r) & SignBit.of(r - (1 + upper / 2)), move = SignBit.of(0 - h) ^ zone;
        moved += move;
        Clips.apply(token, token.advantage * (1 + beta * move * h), 1 - lower, 1 + upper, cap);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("redistributed-fraction", new Metric.Mean(moved, batch.tokens()));
        metrics.put("entropy-pivot", new Metric.Same(Math.exp(by.pivot)));
      }
    };
  }
}
