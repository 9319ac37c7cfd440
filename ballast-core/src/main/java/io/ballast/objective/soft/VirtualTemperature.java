package io.ballast.objective.soft;

import io.ballast.control.MeasuredEntropy;
import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * Distribution-centric policy optimisation: good answers are credited as if sampled at another temperature, hotter while entropy is
 * below its target, colder above.
 *
 * <pre>
 *   T    = hot if H ≤ h0, else cold          H: token mean of −logp in the previous update, 0 before the first
 *   ρ_t  = exp(logp_old at T − oldLogp)      detached, not clipped
 *   b_i  = 1 if reward_i &gt; score-threshold, else 0;   f = mean b over the step's sequences
 *   α_0  = min(|h0 − H|, gap-cap)/f,  α = α_0/(1 + α_0), at most alpha-cap;   α = 0 where f = 0
 *   A'_t = (1 − α) A_t + α b_i ρ_t
 * </pre>
 *
 * <p>Metrics {@code virtual-share}: α; {@code measured-entropy}: H.
 *
 * @param alpha α of the whole step; NaN: found on the batch that is evaluated
 * @see <a href="https://github.com/597358816/DCPO">official code</a>
 */
public record VirtualTemperature(
    MeasuredEntropy measured, double h0, double gapCap, double scoreThreshold, double alphaCap, double alpha) implements AdvantageEdit {
  public VirtualTemperature {
    Check.within("h0", h0, 0, Double.MAX_VALUE);
    Check.within("cap", gapCap, 0, Double.MAX_VALUE);
    Check.within("alpha-cap", alphaCap, 0, 1);
  }

  public VirtualTemperature(double h0, double gapCap, double scoreThreshold, double alphaCap) {
    this(MeasuredEntropy.START, h0, gapCap, scoreThreshold, alphaCap, Double.NaN);
  }

  private VirtualTemperature with(MeasuredEntropy entropy, double solved) {
    return new VirtualTemperature(entropy, h0, gapCap, scoreThreshold, alphaCap, solved);
  }

  @Override public AdvantageEdit prepared(TokenBatch whole, RatioLevel level) {
    return with(measured, solve(whole));
  }

  /** α of a step. */
  double solve(TokenBatch whole) {
    double[] reward = whole.column(Column.REWARD);
    int good = 0, counted = 0;
    for (int s = 0; s < whole.sequences(); s++) {
      if (whole.length(s) == 0) continue;
      counted++;
      if (reward[whole.offsets()[s]] > scoreThreshold) good++;
    }
    if (good == 0) return 0;
    double start = Math.min(Math.abs(h0 - measured.entropy()), gapCap) * counted / good;
    return Math.min(start / (1 + start), alphaCap);
  }

  @Override public double[] edited(TokenBatch batch) {
    double mix = Double.isNaN(alpha) ? solve(batch) : alpha;
    double[] reward = batch.column(Column.REWARD);
    double[] hot = batch.column(Column.HOT_OLD_LOGP), cold = batch.column(Column.COLD_OLD_LOGP);
    double[] tempered = measured.entropy() <= h0 ? hot : cold;
    double[] edited = new double[batch.tokens()];
    for (int t = 0; t < edited.length; t++) {
      double credit = reward[t] > scoreThreshold ? Math.exp(tempered[t] - batch.oldLogp()[t]) : 0;
      edited[t] = (1 - mix) * batch.advantage()[t] + mix * credit;
    }
    return edited;
  }

  @Override public void report(TokenBatch batch, Map<String, Metric> metrics) {
    metrics.put("virtual-share", new Metric.Same(Double.isNaN(alpha) ? solve(batch) : alpha));
    measured.metrics().forEach(metrics::put);
  }

  @Override public Map<String, double[]> memory() {
    return measured.memory();
  }

  @Override public AdvantageEdit remembering(Map<String, double[]> memory) {
    return with(measured.remembering(memory), alpha);
  }

  @Override public AdvantageEdit next(TokenBatch whole, Evaluation result) {
    return with(measured.next(whole, result), Double.NaN);
  }
}
