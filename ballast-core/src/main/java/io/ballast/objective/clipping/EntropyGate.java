package io.ballast.objective.clipping;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * Entropy-ratio clipping: stops the gradient of tokens whose distribution has become sharper or flatter than before.
 *
 * <pre>
 *   h = (H + 1e-8) / (H_old + 1e-8)        entropies of current and old policy, detached
 *   J = J_base where low &lt; h &lt; high,  sg[J_base] elsewhere
 * </pre>
 *
 * The value stays in the loss, and every token in the denominators.
 *
 * @see <a href="https://arxiv.org/abs/2512.05591">Entropy Ratio Clipping</a>
 */
public record EntropyGate(double low, double high, Term base) implements Term {

  private static final double EPSILON = 1e-8;

  public EntropyGate {
    Check.within("lo", low, 0, 1);
    Check.within("hi", high, 1, Double.MAX_VALUE);
  }

  @Override public Term prepared(TokenBatch whole, RatioLevel level) {
    return new EntropyGate(low, high, base.prepared(whole, level));
  }

  @Override public boolean isSolved() {
    return base.isSolved();
  }

  @Override public boolean clips() {
    return base.clips();
  }

  @Override public boolean throughRatio() {
    return base.throughRatio();
  }

  @Override public Kernel on(TokenBatch batch) {
    double[] now = batch.column(Column.ENTROPY), before = batch.column(Column.OLD_ENTROPY);
    Kernel inner = base.on(batch);
    return new Kernel() {
      private long stopped;

      @Override public void apply(Token token) {
        inner.apply(token);
        double h = (now[token.index] + EPSILON) / (before[token.index] + EPSILON);
        if (low < h && h < high) return;
        token.slope = 0;
        stopped++;
      }

      @Override public void report(Map<String, Metric> metrics) {
        inner.report(metrics);
        metrics.put("entropy-clipped-fraction", new Metric.Mean(stopped, batch.tokens()));
      }
    };
  }
}
