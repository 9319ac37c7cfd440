package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.TokenBatch;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Token log-ratios made comparable along the answer: in every bucket of positions they get mean 0 and the deviation of the whole step,
 * so that one clip bound binds alike everywhere. Ratio normalisation carried over to language models; this form is ours.
 *
 * <pre>
 *   b = position of the token in its sequence / bucket
 *   ln x_t = (d_t − mean_b d) · std d / std_b d           population statistics over the step, detached; factor 1 where std_b = 0
 *   ∂ ln x_t/∂logp_t = std d / std_b d
 * </pre>
 *
 * @param bucket positions that share statistics
 * @param scales of the whole step; null: not solved
 * @see <a href="https://arxiv.org/abs/2510.22319">GRPO-Guard</a>, whose steps are those of a denoiser
 */
public record PositionNormalised(int bucket, @Nullable Scales scales) implements RatioLevel {

  /** Mean log-ratio and factor of each position's bucket. */
  public record Scales(double[] mean, double[] factor) {}

  public PositionNormalised {
    Check.atLeast("bucket", bucket, 1);
  }

  @Override public boolean isSolved() {
    return scales != null;
  }

  @Override public PositionNormalised prepared(TokenBatch whole, RatioLevel level) {
    return new PositionNormalised(bucket, solve(whole));
  }

  private Scales solve(TokenBatch batch) {
    int longest = IntStream.range(0, batch.sequences()).map(batch::length).max().orElse(0);
    double[] count = new double[longest], sum = new double[longest], square = new double[longest];
    int[] offsets = batch.offsets();
    for (int s = 0; s < batch.sequences(); s++) {
      for (int p = 0, t = offsets[s]; t < offsets[s + 1]; p++, t++) {
        double d = batch.logRatio(t);
        count[p]++;
        sum[p] += d;
        square[p] += d * d;
      }
    }
    double n = total(count, 0, longest), centre = total(sum, 0, longest) / n;
    double whole = n == 0 ? 0 : total(square, 0, longest) / n - centre * centre;
    double[] mean = new double[longest], factor = new double[longest];
    for (int from = 0; from < longest; from += bucket) {
      int to = Math.min(from + bucket, longest);
      double inside = total(count, from, to), average = total(sum, from, to) / inside, squares = total(square, from, to) / inside;
      double variance = squares - average * average;
      Arrays.fill(mean, from, to, average);
      // what rounding leaves of equal numbers is no spread
      Arrays.fill(factor, from, to, variance <= 1e-14 * squares ? 1 : Math.sqrt(whole / variance));
    }
    return new Scales(mean, factor);
  }

  private static double total(double[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) sum += values[i];
    return sum;
  }

  @Override public void logRatios(TokenBatch batch, double[] out) {
    Scales by = Objects.requireNonNull(scales);
    double[] mean = by.mean, factor = by.factor;
    int[] offsets = batch.offsets();
    double bound = TokenBatch.MAX_LOG_RATIO;
    for (int s = 0; s < batch.sequences(); s++) {
      for (int p = 0, t = offsets[s]; t < offsets[s + 1]; p++, t++) {
        out[t] = Math.clamp((batch.logRatio(t) - mean[p]) * factor[p], -bound, bound);
      }
    }
  }

  @Override public void spread(TokenBatch batch, double[] gradient) {
    double[] factor = Objects.requireNonNull(scales).factor;
    int[] offsets = batch.offsets();
    for (int s = 0; s < batch.sequences(); s++) {
      for (int p = 0, t = offsets[s]; t < offsets[s + 1]; p++, t++) gradient[t] *= factor[p];
    }
  }
}
