package io.ballast.control;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * The coefficient β of a KL penalty, steered towards a target divergence.
 *
 * <pre>
 *   PROPORTIONAL   β ← β (1 + clip(KL/target − 1, ±0.2) · n/horizon)       n = sequences of the step
 *   DOUBLING       β ← β/2 where KL &lt; target/1.5,  2β where KL &gt; 1.5 target
 *   FIXED          β
 * </pre>
 * β stays above 0; a proportional step changes it by a factor of at most 1 ± 0.2 n/horizon; KL = target leaves it alone. The new β
 * is that of the next step.
 *
 * @param rule how it moves
 * @param unit what is measured: the divergence of a token, averaged over the tokens of a sequence and then over sequences, or
 *     summed over a sequence and averaged over sequences. A target of 6 belongs to {@link Unit#SEQUENCE}
 * @see <a href="https://arxiv.org/abs/1909.08593">Ziegler et al. 2019</a> for PROPORTIONAL
 * @see <a href="https://arxiv.org/abs/1707.06347">Schulman et al. 2017</a>, section 4, for DOUBLING
 */
public record AdaptiveKl(double beta, Rule rule, Unit unit, Against against, double target, double horizon) implements Controller<AdaptiveKl> {

  public enum Rule { FIXED, PROPORTIONAL, DOUBLING }

  public enum Unit { TOKEN, SEQUENCE }

  /** Whose divergence is measured: from the reference, or of the proximal policy from the current one. */
  public enum Against { REFERENCE, OLD }

  private static final double MAX_ERROR = 0.2;
  private static final double TOLERANCE = 1.5;

  public AdaptiveKl {
    Check.above("kl-coefficient", beta, 0);
    Check.above("target", target, 0);
    Check.above("horizon", horizon, 0);
  }

  /** The controller after a step of n sequences in which this divergence was measured. */
  public AdaptiveKl after(double kl, int sequences) {
    double moved = switch (rule) {
      case FIXED -> beta;
      case PROPORTIONAL -> beta * (1 + Math.clamp(kl / target - 1, -MAX_ERROR, MAX_ERROR) * sequences / horizon);
      case DOUBLING -> kl < target / TOLERANCE ? beta / 2 : kl > TOLERANCE * target ? 2 * beta : beta;
    };
    return new AdaptiveKl(Math.clamp(moved, Double.MIN_NORMAL, Double.MAX_VALUE), rule, unit, against, target, horizon);
  }

  @Override public AdaptiveKl next(TokenBatch whole, Evaluation result) {
    return after(measured(whole), whole.step().sequences());
  }

  /** Mean over sequences with tokens of the mean or sum of their tokens' log-ratio; of old over new, its negative. */
  double measured(TokenBatch batch) {
    double[] other = against == Against.REFERENCE ? batch.column(Column.REF_LOGP) : batch.oldLogp();
    double total = 0;
    int counted = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      if (batch.length(s) == 0) continue;
      double sum = 0;
      for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) sum += batch.logp()[t] - other[t];
      if (against == Against.OLD) sum = -sum;
      total += unit == Unit.TOKEN ? sum / batch.length(s) : sum;
      counted++;
    }
    return counted == 0 ? 0 : total / counted;
  }

  @Override public Map<String, double[]> memory() {
    return Memory.of("kl-coefficient", beta);
  }

  @Override public AdaptiveKl remembering(Map<String, double[]> memory) {
    Memory.expect(memory, "kl-coefficient");
    return new AdaptiveKl(Memory.scalar(memory, "kl-coefficient"), rule, unit, against, target, horizon);
  }

  @Override public Map<String, Metric> metrics() {
    return Map.of("kl-coefficient", new Metric.Same(beta));
  }
}
