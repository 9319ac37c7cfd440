package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.Segments;
import io.ballast.objective.Term;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Token;
import java.util.Map;

/**
 * A clip whose bounds follow the entropy of the token's sentence: wide where the policy is uncertain, narrow where it is sure.
 *
 * <pre>
 *   H̄_k = mean of the entropies in sentence k           detached
 *   z_k = clip((H̄_k − mean H̄) / (std H̄ + 1e-8), −1, 1)  mean and population deviation over the sentences of the step
 *   J_t = min(x A, clip(x, 1 − low (1 + a z), 1 + high (1 + a z)) A)
 *   ∂J/∂ln x = x A  inside, 0 where A &gt; 0 and x above, or A &lt; 0 and x below
 * </pre>
 *
 * The map from entropy to bounds is ours: the paper's is not public.
 *
 * @param low base distance of the lower bound from 1
 * @param high base distance of the upper bound from 1
 * @param scale a, in [0, 1)
 * @param mean of H̄ over the step's sentences; NaN: not solved
 * @param deviation of H̄ over the step's sentences
 * @see <a href="https://arxiv.org/abs/2511.04256">SSPO</a>
 */
public record EntropyClip(double low, double high, double scale, double mean, double deviation) implements Term {

  public EntropyClip {
    Check.within("clip-low", low, 0, Double.MAX_VALUE);
    Check.within("clip-high", high, 0, Double.MAX_VALUE);
    Check.within("a", scale, 0, Math.nextDown(1.0));
  }

  public EntropyClip(double low, double high, double scale) {
    this(low, high, scale, Double.NaN, Double.NaN);
  }

  @Override public boolean isSolved() {
    return !Double.isNaN(mean);
  }

  @Override public EntropyClip prepared(TokenBatch whole, RatioLevel level) {
    double[] entropy = whole.column(Column.ENTROPY), sums = new double[3];
    Segments.each(whole, Column.SENTENCE, (from, to) -> {
      sums[0]++;
      sums[1] += average(entropy, from, to);
    });
    double centre = sums[0] == 0 ? 0 : sums[1] / sums[0];
    Segments.each(whole, Column.SENTENCE, (from, to) -> {
      double off = average(entropy, from, to) - centre;
      sums[2] += off * off;
    });
    return new EntropyClip(low, high, scale, centre, sums[0] == 0 ? 0 : Math.sqrt(sums[2] / sums[0]));
  }

  private static double average(double[] values, int from, int to) {
    double sum = 0;
    for (int t = from; t < to; t++) sum += values[t];
    return sum / (to - from);
  }

  @Override public boolean clips() {
    return true;
  }

  @Override public Kernel on(TokenBatch batch) {
    double[] entropy = batch.column(Column.ENTROPY), width = new double[batch.tokens()];
    Segments.each(batch, Column.SENTENCE, (from, to) -> {
      double z = Math.clamp((average(entropy, from, to) - mean) / (deviation + 1e-8), -1, 1);
      for (int t = from; t < to; t++) width[t] = 1 + scale * z;
    });
    return new Kernel() {
      private double total;

      @Override public void apply(Token token) {
        double around = width[token.index];
        total += around;
        Clips.apply(token, token.advantage, 1 - low * around, 1 + high * around, Double.POSITIVE_INFINITY);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("clip-width-mean", new Metric.Mean(total, batch.tokens()));
      }
    };
  }
}
