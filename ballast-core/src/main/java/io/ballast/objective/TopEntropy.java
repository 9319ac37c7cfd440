package io.ballast.objective;

import java.util.Map;

/**
 * Keeps the policy term of the most uncertain tokens only.
 *
 * <pre>   keep t  if  H_t ≥ τ,   τ = the (1 − fraction) quantile of H over all tokens of the step</pre>
 *
 * The quantile interpolates linearly at position (1 − fraction)(T − 1) of the sorted entropies; ties with τ stay.
 *
 * @param fraction share of tokens kept, 0 (only the maximum) to 1 (all)
 * @param threshold τ over the whole step; NaN: not solved yet
 * @see <a href="https://arxiv.org/abs/2506.01939">Beyond the 80/20 rule</a>
 */
public record TopEntropy(double fraction, double threshold) implements Weighting {

  public TopEntropy {
    Check.within("top-entropy", fraction, 0, 1);
  }

  public TopEntropy(double fraction) {
    this(fraction, Double.NaN);
  }

  @Override public TopEntropy prepared(TokenBatch whole, RatioLevel level) {
    return new TopEntropy(fraction, Quantile.of(whole.column(Column.ENTROPY), 1 - fraction));
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    double[] entropy = batch.column(Column.ENTROPY);
    for (int t = 0; t < factor.length; t++) {
      factor[t] *= 1 - SignBit.of(entropy[t] - threshold);
    }
    metrics.put("entropy-threshold", new Metric.Same(threshold));
  }

  @Override public boolean isSolved() {
    return !Double.isNaN(threshold);
  }
}
