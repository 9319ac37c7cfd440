package io.ballast.control;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * The coefficient of an entropy bonus that grows while entropy is below a target and is switched off above it.
 *
 * <pre>
 *   L = L_policy − c_k · 1[H_k ≤ target] · mean entropy        (Skywork: strictly below)
 *   c ← clip(c ± delta, c-min, c-max)                          + where the same test holds, − otherwise
 * </pre>
 * H_k is what the step before measured; before the first measurement it is +∞, so the switch is off.
 *
 * @param c the coefficient
 * @param entropy H_k, nats; +∞ before anything was measured
 * @param skywork whether H is the token mean of −oldLogp of the samples and the test strict; otherwise it is the token mean of the
 *     exact entropy (column {@code entropy}) and the test includes equality
 * @see <a href="https://arxiv.org/abs/2505.22312">Skywork Open Reasoner 1</a>; TRL's {@code use_adaptive_entropy}
 */
public record AdaptiveEntropy(
    double c, double entropy, double delta, double target, double min, double max, boolean skywork) implements Controller<AdaptiveEntropy> {
  public AdaptiveEntropy {
    Check.within("delta", delta, 0, Double.MAX_VALUE);
    Check.within("c-max", max, min, Double.MAX_VALUE);
    Check.within("c", c, min, max);
  }

  private boolean below(double measured) {
    return skywork ? measured < target : measured <= target;
  }

  /** What the mean entropy is multiplied by in this step. */
  public double coefficient() {
    return below(entropy) ? c : 0;
  }

  /** The controller after a step in which entropy was measured. */
  public AdaptiveEntropy after(double measured) {
    double moved = Math.clamp(below(measured) ? c + delta : c - delta, min, max);
    return new AdaptiveEntropy(moved, measured, delta, target, min, max, skywork);
  }

  @Override public AdaptiveEntropy next(TokenBatch whole, Evaluation result) {
    return after(skywork ? Means.sampledEntropy(whole.oldLogp()) : Means.ofTokens(whole.column(Column.ENTROPY)));
  }

  @Override public Map<String, double[]> memory() {
    return Memory.of("entropy-coefficient", c, "entropy", entropy == Double.POSITIVE_INFINITY ? new double[0] : new double[] {entropy});
  }

  @Override public AdaptiveEntropy remembering(Map<String, double[]> memory) {
    Memory.expect(memory, "entropy-coefficient", "entropy");
    double measured = memory.get("entropy").length == 0 ? Double.POSITIVE_INFINITY : Memory.scalar(memory, "entropy");
    return new AdaptiveEntropy(Memory.scalar(memory, "entropy-coefficient"), measured, delta, target, min, max, skywork);
  }

  @Override public Map<String, Metric> metrics() {
    return Map.of("entropy-coefficient", new Metric.Same(coefficient()));
  }
}
