package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.TokenBatch;
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

  /** Mean log-ratio and factor of each bucket. */
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
    int buckets = (longest + bucket - 1) / bucket;
    double[] count = new double[buckets], sum = new double[buckets], square = new double[buckets];
    eachToken(batch, (t, b) -> {
      double d = batch.logRatio(t);
      count[b]++;
      sum[b] += d;
      square[b] += d * d;
    });
    double n = 0, total = 0, squares = 0;
    double[] mean = new double[buckets], factor = new double[buckets];
    for (int b = 0; b < buckets; b++) {
      mean[b] = sum[b] / count[b];
      n += count[b];
      total += sum[b];
      squares += square[b];
    }
    double whole = n == 0 ? 0 : squares / n - total / n * (total / n);
    for (int b = 0; b < buckets; b++) {
      double variance = square[b] / count[b] - mean[b] * mean[b];
      // what rounding leaves of equal numbers is no spread
      factor[b] = variance <= 1e-14 * square[b] / count[b] ? 1 : Math.sqrt(whole / variance);
    }
    return new Scales(mean, factor);
  }

  /** Sees each token's place and bucket. */
  private interface Visitor {
    void token(int t, int bucket);
  }

  private void eachToken(TokenBatch batch, Visitor visitor) {
    for (int s = 0; s < batch.sequences(); s++) {
      int b = 0, end = batch.offsets()[s + 1], left = bucket;
      for (int t = batch.offsets()[s]; t < end; t++) {
        visitor.token(t, b);
        if (--left == 0) {
          left = bucket;
          b++;
        }
      }
    }
  }

  @Override public void logRatios(TokenBatch batch, double[] out) {
    Scales by = Objects.requireNonNull(scales);
    double bound = TokenBatch.MAX_LOG_RATIO;
    eachToken(batch, (t, b) -> out[t] = Math.clamp((batch.logRatio(t) - by.mean[b]) * by.factor[b], -bound, bound));
  }

  @Override public void spread(TokenBatch batch, double[] gradient) {
    Scales by = Objects.requireNonNull(scales);
    eachToken(batch, (t, b) -> gradient[t] *= by.factor[b]);
  }
}
