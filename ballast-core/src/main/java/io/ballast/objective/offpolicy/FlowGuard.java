package io.ballast.objective.offpolicy;

import io.ballast.objective.Aggregation;
import io.ballast.objective.Clip;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Map;

/**
 * GRPO-Guard on a flow-matching policy: every "token" is a denoising step with mean μ_θ and deviation σ√Δt.
 *
 * <pre>
 *   D² = |μ_θ − μ_old|² averaged over latent dimensions      σ, Δt of the step: columns meanShiftSquared, noiseScale, stepSize
 *   ln x_t = σ √Δt (logp − oldLogp + D²/(2 σ² Δt))           the shift of the mean to the left is taken out, the scale made equal
 *   J_t = 1/Δt · min(x A', clip(x, 1 − low, 1 + high) A')    A' = clip(A, ±limit); 1/Δt makes the steps' gradients equal
 *   dJ/dlogp = 1/Δt · σ √Δt · x A'                           inside, else 0
 *   dJ/dD²   = dJ/dlogp / (2 σ² Δt)                          D depends on θ too: reported as the gradient of meanShiftSquared
 * </pre>
 *
 * @see <a href="https://arxiv.org/abs/2510.22319">GRPO-Guard</a>
 */
public record FlowGuard(PolicyObjective policy) implements Objective {

  public FlowGuard(Clip clip, double advantageLimit, Aggregation aggregation) {
    this(PolicyObjective.of(new Normalised(), new ClampedAdvantage(clip, advantageLimit), aggregation).with(new PerStep()));
  }

  @Override public Evaluation evaluate(TokenBatch batch) {
    Evaluation result = policy.evaluate(batch);
    double[] sigma = batch.column(Column.NOISE_SCALE), dt = batch.column(Column.STEP_SIZE), shift = result.dlogp().clone();
    for (int t = 0; t < shift.length; t++) shift[t] /= 2 * sigma[t] * sigma[t] * dt[t];
    return new Evaluation(result.loss(), result.dlogp(), Map.of(Column.MEAN_SHIFT_SQUARED, shift), result.metrics());
  }

  @Override public Objective prepared(TokenBatch whole) {
    return new FlowGuard(policy.prepared(whole));
  }

  @Override public Objective corrected(Weighting correction) {
    return new FlowGuard(policy.with(correction));
  }

  /** RatioNorm. */
  private record Normalised() implements RatioLevel {
    @Override public void logRatios(TokenBatch batch, double[] out) {
      double[] drift = batch.column(Column.MEAN_SHIFT_SQUARED), sigma = batch.column(Column.NOISE_SCALE), dt = batch.column(Column.STEP_SIZE);
      for (int t = 0; t < out.length; t++) {
        double centred = batch.logp()[t] - batch.oldLogp()[t] + drift[t] / (2 * sigma[t] * sigma[t] * dt[t]);
        out[t] = Math.clamp(sigma[t] * Math.sqrt(dt[t]) * centred, -TokenBatch.MAX_LOG_RATIO, TokenBatch.MAX_LOG_RATIO);
      }
    }

    @Override public void spread(TokenBatch batch, double[] gradient) {
      double[] sigma = batch.column(Column.NOISE_SCALE), dt = batch.column(Column.STEP_SIZE);
      for (int t = 0; t < gradient.length; t++) gradient[t] *= sigma[t] * Math.sqrt(dt[t]);
    }
  }

  /** f_t = 1/Δt. */
  private record PerStep() implements Weighting {
    @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
      double[] dt = batch.column(Column.STEP_SIZE);
      for (int t = 0; t < factor.length; t++) factor[t] /= dt[t];
    }
  }
}
