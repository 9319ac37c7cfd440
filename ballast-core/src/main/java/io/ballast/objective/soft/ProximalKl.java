package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * A penalty on the divergence between the current and the proximal policy, J −= coefficient · k, from samples of the proximal one;
 * ρ = exp(logp − oldLogp), d = ln ρ.
 *
 * <pre>
 *   NEW_FROM_OLD   KL(π_θ ‖ π_old):  k = ρ d − ρ + 1 ≥ 0,   dk/dlogp = ρ d        mirror descent
 *   OLD_FROM_NEW   KL(π_old ‖ π_θ):  k = ρ − 1 − d ≥ 0,     dk/dlogp = ρ − 1      PPO's adaptive penalty
 * </pre>
 * Both are unbiased under π_old; nothing is detached.
 *
 * <p>Metric {@code kl-proximal}: mean of k over tokens.
 *
 * @see <a href="https://arxiv.org/abs/2005.09814">Mirror Descent Policy Optimization</a>; the sampled form is ours
 * @see <a href="https://arxiv.org/abs/1707.06347">Schulman et al. 2017</a>, section 4
 */
public record ProximalKl(double coefficient, Direction direction) implements Term {

  /** Which policy's average the divergence is. */
  public enum Direction { NEW_FROM_OLD, OLD_FROM_NEW }

  public ProximalKl {
    Check.within("coefficient of the proximal KL", coefficient, 0, Double.MAX_VALUE);
  }

  @Override public Kernel on(TokenBatch batch) {
    return new Kernel() {
      private double total;

      @Override public void apply(Token token) {
        double d = token.logRatio, rho = token.ratio, less = rho - 1;
        boolean forward = direction == Direction.NEW_FROM_OLD;
        double k = forward ? rho * d - less : less - d;
        total += k;
        token.answer(-coefficient * k, -coefficient * (forward ? rho * d : less), false);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("kl-proximal", new Metric.Mean(total, batch.tokens()));
      }
    };
  }
}
