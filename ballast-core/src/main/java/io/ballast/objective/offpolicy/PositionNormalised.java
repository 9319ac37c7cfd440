package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.TokenBatch;
import java.util.Arrays;
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
 * @param scales of the whole step; null: found on the batch that is evaluated
 * @see <a href="https://arxiv.org/abs/2510.22319">GRPO-Guard</a>, whose steps are those of a denoiser
 */
public record PositionNormalised(int bucket, @Nullable Scales scales) implements RatioLevel {

  /** Mean log-ratio and factor of each bucket. */
  public record Scales(double[] mean, double[] factor) {}

  public PositionNormalised {
    Check.atLeast("bucket", bucket, 1);
  }

  @Override public PositionNormalised prepared(TokenBatch whole, RatioLevel level) {
    return new PositionNormalised(bucket, solve(whole));
  }

  private Scales solve(TokenBatch batch) {
    int longest = IntStream.range(0, batch.sequences()).map(batch::length).max().orElse(0);
    int buckets = (longest + bucket - 1) / bucket;
    double[] count = new double[buckets + 1], mean = new double[buckets + 1], square = new double[buckets + 1];
    eachToken(batch, (t, b) -> {
      count[b]++;
      mean[b] += batch.logRatio(t);
    });
    for (int b = 0; b < buckets; b++) { // the last entry is the whole step
      count[buckets] += count[b];
      mean[buckets] += mean[b];
    }
    for (int b = 0; b <= buckets; b++) mean[b] /= Math.max(1, count[b]);
    eachToken(batch, (t, b) -> {
      double d = batch.logRatio(t);
      square[b] += (d - mean[b]) * (d - mean[b]);
      square[buckets] += (d - mean[buckets]) * (d - mean[buckets]);
    });
    double[] factor = new double[buckets];
    double whole = square[buckets] / Math.max(1, count[buckets]);
    for (int b = 0; b < buckets; b++) factor[b] = square[b] == 0 ? 1 : Math.sqrt(whole / (square[b] / count[b]));
    return new Scales(Arrays.copyOf(mean, buckets), factor);
  }

  private interface Visitor {
    void token(int t, int bucket);
  }

  private void eachToken(TokenBatch batch, Visitor visitor) {
    for (int s = 0; s < batch.sequences(); s++) {
      int from = batch.offsets()[s];
      for (int t = from; t < batch.offsets()[s + 1]; t++) visitor.token(t, (t - from) / bucket);
    }
  }

  @Override public void logRatios(TokenBatch batch, double[] out) {
    Scales by = scales == null ? solve(batch) : scales;
    eachToken(batch, (t, b) -> out[t] = Math.clamp((batch.logRatio(t) - by.mean[b]) * by.factor[b],
        -TokenBatch.MAX_LOG_RATIO, TokenBatch.MAX_LOG_RATIO));
  }

  @Override public void spread(TokenBatch batch, double[] gradient) {
    Scales by = scales == null ? solve(batch) : scales;
    eachToken(batch, (t, b) -> gradient[t] *= by.factor[b]);
  }
}
