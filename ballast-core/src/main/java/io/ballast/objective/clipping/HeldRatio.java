package io.ballast.objective.clipping;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * A term whose log-ratio is held in an interval before it sees it; outside, on both sides and whatever the advantage, no gradient
 * passes.
 *
 * <pre>   J = J_base(x'),   ln x' = clamp(ln x, low, high);   ∂J/∂ln x = 0 where held</pre>
 *
 * @param low nats
 * @param high nats
 * @see <a href="https://arxiv.org/abs/2509.24207">Humanline</a>
 */
public record HeldRatio(double low, double high, Term base) implements Term {

  public HeldRatio {
    Check.within("log-epsilon-p", low, -TokenBatch.MAX_LOG_RATIO, 0);
    Check.within("log-epsilon-r", high, 0, TokenBatch.MAX_LOG_RATIO);
  }

  @Override public Term prepared(TokenBatch whole, RatioLevel level) {
    return new HeldRatio(low, high, base.prepared(whole, level));
  }

  @Override public boolean isSolved() {
    return base.isSolved();
  }

  @Override public boolean clips() {
    return base.clips();
  }

  @Override public Kernel on(TokenBatch batch) {
    Kernel inner = base.on(batch);
    double least = Math.exp(low), most = Math.exp(high);
    return new Kernel() {
      private long held;

      @Override public void apply(Token token) {
        double log = token.logRatio;
        if (log >= low && log <= high) {
          inner.apply(token);
          return;
        }
        token.logRatio = log < low ? low : high;
        token.ratio = log < low ? least : most;
        inner.apply(token);
        token.slope = 0;
        held++;
      }

      @Override public void report(Map<String, Metric> metrics) {
        inner.report(metrics);
        metrics.put("held-fraction", new Metric.Mean(held, batch.tokens()));
      }
    };
  }
}
