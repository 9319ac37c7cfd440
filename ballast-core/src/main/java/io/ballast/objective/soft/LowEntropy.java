package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Quantile;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Arrays;

/**
 * Keeps the tokens whose entropy is at most the quantile of the entropies of their own sequence (interpolated as torch.quantile does).
 *
 * @param quantile 0.8 keeps the four fifths of a sequence that were decided most firmly
 */
public record LowEntropy(double quantile) implements Weighting {
  public LowEntropy {
    Check.within("quantile", quantile, 0, 1);
  }

  static double bound(TokenBatch batch, double[] entropy, int sequence, double quantile) {
    return Quantile.of(Arrays.copyOfRange(entropy, batch.offsets()[sequence], batch.offsets()[sequence + 1]), quantile);
  }

  @Override public void multiply(TokenBatch batch, double[] factor) {
    double[] entropy = batch.column(Column.ENTROPY);
    for (int s = 0; s < batch.sequences(); s++) {
      double bound = bound(batch, entropy, s, quantile);
      for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) {
        if (entropy[t] > bound) factor[t] = 0;
      }
    }
  }
}
