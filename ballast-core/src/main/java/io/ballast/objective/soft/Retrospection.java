package io.ballast.objective.soft;

import io.ballast.control.Improvement;
import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.TokenBatch;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * PIPO's look back: once the step's mean reward says whether the policy improved, the answers that led there are credited or blamed.
 *
 * <pre>
 *   ξ     see {@link Improvement}; φ(ξ) = ξ for ξ ≥ 0, λ ξ below
 *   a_i   = G A_i / (Σ_{j in group} |A_j| + 1e-6)         A_i: mean over tokens of the answer's advantage, 0 of none
 *   c_i   = clip(a_i φ(ξ), ±10), constant, in the place of the advantage
 *   SCALED, for critics: A_t ← A_t clip(ξ, ±2) on the current batch; A_t where ξ is undefined
 * </pre>
 * Σ_i |a_i| = G in each group; a group whose advantages are all 0 contributes nothing.
 *
 * @param mode what is edited
 * @param xi ξ to use; NaN: none is given
 * @param sums Σ|A_j| and G by prompt over the whole step; null: found on the batch that is evaluated
 * @param solved ξ of the whole step in mode SCALED; NaN where it is undefined or unsolved
 * @see <a href="https://arxiv.org/abs/2604.00860">Policy Improvement Reinforcement Learning</a>, equations 7 to 11
 */
public record Retrospection(
    Mode mode, Improvement improvement, double xi, @Nullable Map<Integer, double[]> sums, double solved) implements AdvantageEdit {

  /** BASE leaves the advantages alone, LOOK_BACK is the pass over the batch of the step before, SCALED that of the variant with a critic. */
  public enum Mode { BASE, LOOK_BACK, SCALED }

  private static final double MAX_COEFFICIENT = 10, MAX_SCALE = 2, EPSILON = 1e-6;

  public Retrospection {
    if (mode == Mode.LOOK_BACK) Check.within("xi", xi, -Double.MAX_VALUE, Double.MAX_VALUE);
  }

  public Retrospection(Mode mode, Improvement improvement, double xi) {
    this(mode, improvement, xi, null, Double.NaN);
  }

  /** ξ of this step, from its mean reward; empty until the window holds enough. */
  public OptionalDouble xi(TokenBatch current) {
    return improvement.xi(Improvement.meanReward(current));
  }

  @Override public boolean looksBack() {
    return mode == Mode.BASE;
  }

  @Override public Optional<AdvantageEdit> lookBack(TokenBatch current) {
    if (mode != Mode.BASE) return Optional.empty();
    OptionalDouble measured = xi(current);
    return measured.isPresent() && improvement.phi(measured.getAsDouble()) != 0
        ? Optional.of(new Retrospection(Mode.LOOK_BACK, improvement, measured.getAsDouble()))
        : Optional.empty();
  }

  @Override public void report(TokenBatch batch, Map<String, Metric> metrics) {
    double shown = Double.isNaN(xi) ? mode == Mode.SCALED && Double.isNaN(solved) ? given(batch) : solved : xi;
    if (!Double.isNaN(shown)) metrics.put("improvement", new Metric.Same(shown));
  }

  @Override public AdvantageEdit prepared(TokenBatch whole, RatioLevel level) {
    return switch (mode) {
      case BASE -> this;
      case LOOK_BACK -> new Retrospection(mode, improvement, xi, sums(whole), solved);
      case SCALED -> new Retrospection(mode, improvement, xi, sums, given(whole));
    };
  }

  private double given(TokenBatch whole) {
    return Double.isNaN(xi) ? xi(whole).orElse(Double.NaN) : xi;
  }

  private static Map<Integer, double[]> sums(TokenBatch whole) {
    Map<Integer, double[]> sums = new HashMap<>();
    for (int s = 0; s < whole.sequences(); s++) {
      double[] sum = sums.computeIfAbsent(whole.group()[s], _ -> new double[2]);
      if (whole.length(s) > 0) sum[0] += Math.abs(ByPrompt.advantage(whole, s));
      sum[1]++;
    }
    return sums;
  }

  @Override public double[] edited(TokenBatch batch) {
    if (mode != Mode.LOOK_BACK) batch.column(Column.REWARD); // read after the step: refused now rather than then
    return switch (mode) {
      case BASE -> batch.advantage();
      case LOOK_BACK -> coefficients(batch, sums == null ? sums(batch) : sums);
      case SCALED -> scaled(batch, Double.isNaN(solved) ? given(batch) : solved);
    };
  }

  private double[] coefficients(TokenBatch batch, Map<Integer, double[]> byGroup) {
    double phi = improvement.phi(xi);
    double[] coefficients = new double[batch.tokens()];
    for (int s = 0; s < batch.sequences(); s++) {
      if (batch.length(s) == 0) continue;
      double[] sum = byGroup.get(batch.group()[s]);
      double share = sum[1] * ByPrompt.advantage(batch, s) / (sum[0] + EPSILON);
      double c = Math.clamp(share * phi, -MAX_COEFFICIENT, MAX_COEFFICIENT);
      for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) coefficients[t] = c;
    }
    return coefficients;
  }

  private static double[] scaled(TokenBatch batch, double xi) {
    if (Double.isNaN(xi)) return batch.advantage();
    double scale = Math.clamp(xi, -MAX_SCALE, MAX_SCALE);
    double[] scaled = batch.advantage().clone();
    for (int t = 0; t < scaled.length; t++) scaled[t] *= scale;
    return scaled;
  }

  @Override public Map<String, double[]> memory() {
    return mode == Mode.LOOK_BACK ? Map.of() : improvement.memory();
  }

  @Override public AdvantageEdit remembering(Map<String, double[]> memory) {
    return mode == Mode.LOOK_BACK ? this : new Retrospection(mode, improvement.remembering(memory), xi);
  }

  @Override public AdvantageEdit next(TokenBatch whole, Evaluation result) {
    return mode == Mode.LOOK_BACK ? this : new Retrospection(mode, improvement.next(whole, result), xi);
  }
}
