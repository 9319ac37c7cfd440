package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Metric;
import io.ballast.objective.Quantile;
import io.ballast.objective.SignBit;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Map;

/**
 * Keeps the tokens whose entropy is at most the quantile of the entropies of their own sequence (interpolated as torch.quantile does).
 *
 * @param quantile 0.8 keeps the four fifths of a sequence that were decided most firmly
 */
public record LowEntropy(double quantile) implements Weighting {
  public LowEntropy {
    Check.within("quantile", quantile, 0, 1);
  }

  /** The quantile of each sequence, [S]. */
  static double[] bounds(TokenBatch batch, double[] entropy, double quantile) {
    int[] offsets = batch.offsets();
    double[] bounds = new double[batch.sequences()];
    int longest = 0;
    for (int s = 0; s < bounds.length; s++) longest = Math.max(longest, batch.length(s));
    var runs = new Quantile.Runs(longest);
    for (int s = 0; s < bounds.length; s++) bounds[s] = runs.of(entropy, offsets[s], offsets[s + 1], quantile);
    return bounds;
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    double[] entropy = batch.column(Column.ENTROPY), bounds = bounds(batch, entropy, quantile);
    for (int s = 0; s < batch.sequences(); s++) {
      double bound = bounds[s];
      for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) {
        factor[t] *= 1 - SignBit.of(bound - entropy[t]);
      }
    }
  }
}
