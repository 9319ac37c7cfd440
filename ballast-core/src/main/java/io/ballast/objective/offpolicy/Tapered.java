package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * REINFORCE at full weight on positive answers and tapered by the ratio on the others.
 *
 * <pre>
 *   J = w⁺ A logp                          positive: A &gt; 0, or reward &gt; 0
 *   J = w⁻ sg[min(x, 1)] A logp            otherwise
 *   dJ/dlogp = w⁺ A, or w⁻ min(x, 1) A     the ratio is a constant
 * </pre>
 *
 * <p>A token counts as clipped where its ratio was cut; {@code clip-low}, {@code clip-high}: the bounds of a tapered ratio, 0 and 1.
 *
 * @param byScore whether the sign of the reward decides (column {@code reward}), not the advantage's
 * @see <a href="https://arxiv.org/abs/2503.14286">Tapered Off-Policy REINFORCE</a>, equation 8
 */
public record Tapered(boolean byScore, double positive, double negative) implements Term {
  public Tapered {
    Check.within("w-pos", positive, 0, Double.MAX_VALUE);
    Check.within("w-neg", negative, 0, Double.MAX_VALUE);
  }

  @Override public boolean throughRatio() {
    return false;
  }

  @Override public boolean clips() {
    return true;
  }

  @Override public Kernel on(TokenBatch batch) {
    double[] sign = byScore ? batch.column(Column.REWARD) : batch.advantage();
    return new Kernel() {
      @Override public void apply(Token token) {
        boolean up = sign[token.index] > 0;
        double w = up ? positive : negative * Math.min(token.ratio, 1), a = token.advantage;
        token.answer(w * a * token.logp, w * a, !up && token.ratio > 1);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("clip-low", new Metric.Same(0));
        metrics.put("clip-high", new Metric.Same(1));
      }
    };
  }
}
