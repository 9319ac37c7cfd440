package io.ballast.objective.clipping;

import io.ballast.objective.Check;
import io.ballast.objective.Metric;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Map;

/**
 * Drops the tokens that PPO's clip would silence: A &gt; 0 with ρ above {@code high}, A &lt; 0 with ρ below {@code low}. On a weight-clipped
 * objective it gives the unified form of MiniMax-M1.
 *
 * @param low lower bound of the token ratio
 * @param high upper bound of the token ratio
 * @see <a href="https://arxiv.org/abs/2506.13585">MiniMax-M1</a>, equation 7
 */
public record PessimisticMask(double low, double high) implements Weighting {

  public PessimisticMask {
    Check.within("lower mask bound", low, Double.NEGATIVE_INFINITY, 1);
    Check.within("upper mask bound", high, 1, Double.POSITIVE_INFINITY);
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    double least = Math.log(Math.max(low, 0)), most = Math.log(high);
    for (int t = 0; t < factor.length; t++) {
      double d = batch.logRatio(t), advantage = batch.advantage()[t];
      if (advantage > 0 ? d > most : advantage < 0 && d < least) factor[t] = 0;
    }
  }
}
