package io.ballast.objective;

import java.util.Map;

/**
 * REINFORCE with a clipped, detached importance weight, its bounds chosen by the sign of the advantage.
 *
 * <pre>
 *   J = sg[w] A logp,  w = clip(x, low⁺, high⁺) for A &gt; 0,  clip(x, low⁻, high⁻) for A &lt; 0
 *   dJ/dlogp = w A                        the ratio is a constant; no token's gradient is ever 0 for its ratio
 *
 *   REINFORCE  all bounds 1               CISPO   the same bounds for both signs
 *   DISPO      four bounds
 * </pre>
 *
 * A token counts as clipped where w ≠ x; the metrics {@code clip-low} and {@code clip-high} are the outermost bounds. Bounds that leave one value only are no clip: REINFORCE reports none.
 *
 * @param lowPositive bound on the ratio itself, for A &gt; 0, and so on
 * @see <a href="https://arxiv.org/abs/2506.13585">MiniMax-M1</a> for CISPO; the other papers on their methods' pages
 */
public record WeightClip(double lowPositive, double highPositive, double lowNegative, double highNegative) implements Term {

  /** Plain REINFORCE: no ratio at all. */
  public static final WeightClip NONE = new WeightClip(1, 1, 1, 1);

  public WeightClip {
    Check.within("lower bound of the weight for A > 0", lowPositive, Double.NEGATIVE_INFINITY, highPositive);
    Check.within("lower bound of the weight for A < 0", lowNegative, Double.NEGATIVE_INFINITY, highNegative);
  }

  /** The same bounds for both signs. */
  public WeightClip(double low, double high) {
    this(low, high, low, high);
  }

  @Override public boolean throughRatio() {
    return false;
  }

  @Override public boolean readsRatio() {
    return lowPositive < highPositive || lowNegative < highNegative;
  }

  @Override public boolean clips() {
    return readsRatio();
  }

  @Override public Kernel on(TokenBatch batch) {
    boolean reads = readsRatio();
    return new Kernel() {
      @Override public void apply(Token token) {
        double a = token.advantage, low = a > 0 ? lowPositive : lowNegative, high = a > 0 ? highPositive : highNegative;
        double w = reads ? Math.clamp(token.ratio, low, high) : low;
        token.answer(w * a * token.logp, w * a, reads && low < high && w != token.ratio);
      }

      @Override public void report(Map<String, Metric> metrics) {
        if (!reads) return;
        metrics.put("clip-low", new Metric.Same(Math.max(0, Math.min(lowPositive, lowNegative))));
        metrics.put("clip-high", new Metric.Same(Math.max(highPositive, highNegative)));
      }
    };
  }
}
