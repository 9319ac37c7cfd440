package io.ballast.objective.clipping;

import io.ballast.objective.Check;
import io.ballast.objective.Clip;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.Mix;
import io.ballast.objective.Quantile;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Clip-Cov: drops a few random tokens among those of high covariance.
 *
 * <pre>
 *   candidates: low &lt; cov_t &lt; high and not clipped by PPO        cov: {@link Covariance}
 *   K = max(⌊fraction · T⌋, 1) of them, drawn without replacement, lose their term
 * </pre>
 *
 * The draw is keyed by (seed, step, sequence, position): splitting or reordering the step changes nothing.
 *
 * @param clip the PPO clip beside it, whose clipped tokens are no candidates
 * @param step how many steps have gone by
 * @param draw what the whole step gave; null: not solved yet
 * @see <a href="https://arxiv.org/abs/2505.22617">The Entropy Mechanism of RL</a>
 */
public record CovarianceDrop(
    double fraction, double low, double high, Clip clip, long seed, long step, @Nullable Draw draw) implements Weighting {

  /** Means of the step, the largest random key that is drawn, and the share of the step's tokens that is dropped. */
  record Draw(Covariance means, double largestKey, double share) {}

  public CovarianceDrop {
    Check.within("fraction", fraction, 0, 1);
    if (!(low < high)) throw new IllegalArgumentException("cov-low must be below cov-high, got %s and %s".formatted(low, high));
  }

  public CovarianceDrop(double fraction, double low, double high, Clip clip, long seed) {
    this(fraction, low, high, clip, seed, 0, null);
  }

  @Override public boolean isSolved() {
    return draw != null;
  }

  @Override public Weighting prepared(TokenBatch whole, RatioLevel level) {
    Covariance means = Covariance.of(whole);
    double[] keys = new double[64];
    int candidates = 0;
    for (int s = 0; s < whole.sequences(); s++) {
      for (int t = whole.offsets()[s]; t < whole.offsets()[s + 1]; t++) {
        if (!candidate(whole, means, t)) continue;
        if (candidates == keys.length) keys = Arrays.copyOf(keys, 2 * candidates);
        keys[candidates++] = key(whole, s, t);
      }
    }
    int drawn = Covariance.count(fraction, whole);
    double largest = candidates <= drawn ? 1 : Quantile.select(Arrays.copyOf(keys, candidates), drawn - 1);
    return new CovarianceDrop(fraction, low, high, clip, seed, step, new Draw(means, largest, (double) Math.min(drawn, candidates) / Math.max(whole.tokens(), 1)));
  }

  private boolean candidate(TokenBatch batch, Covariance means, int t) {
    double cov = means.at(batch, t);
    if (!(cov > low && cov < high)) return false;
    double x = batch.ratio(t), advantage = batch.advantage()[t];
    return !(advantage > 0 ? x > clip.high() : advantage < 0 && x < clip.low());
  }

  /** Uniform in [0, 1). */
  private double key(TokenBatch batch, int s, int t) {
    return Mix.uniform(seed, step, batch.ids()[s], t - batch.offsets()[s]);
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    if (draw == null) throw new IllegalStateException("not prepared on the step");
    for (int s = 0; s < batch.sequences(); s++) {
      for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) {
        if (candidate(batch, draw.means, t) && key(batch, s, t) <= draw.largestKey) factor[t] = 0;
      }
    }
    metrics.put("covariance-dropped-fraction", new Metric.Same(draw.share));
  }

  @Override public Map<String, double[]> memory() {
    return Map.of(MEMORY, new double[] {step});
  }

  @Override public Weighting remembering(Map<String, double[]> memory) {
    return new CovarianceDrop(fraction, low, high, clip, seed, (long) memory.get(MEMORY)[0], null);
  }

  @Override public Weighting next(TokenBatch whole, Evaluation result) {
    return new CovarianceDrop(fraction, low, high, clip, seed, step + 1, null);
  }

  private static final String MEMORY = "clip-cov-step";
}
