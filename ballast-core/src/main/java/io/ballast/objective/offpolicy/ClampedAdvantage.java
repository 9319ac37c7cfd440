package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.Term;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Token;
import java.util.Map;

/**
 * A trust region that sees no advantage beyond a limit.
 *
 * <pre>   A ← clip(A, −limit, limit)</pre>
 */
public record ClampedAdvantage(Term term, double limit) implements Term {
  public ClampedAdvantage {
    Check.above("adv-clip-max", limit, 0);
  }

  @Override public ClampedAdvantage prepared(TokenBatch whole, RatioLevel level) {
    return new ClampedAdvantage(term.prepared(whole, level), limit);
  }

  @Override public boolean clips() {
    return term.clips();
  }

  @Override public Kernel on(TokenBatch batch) {
    Kernel kernel = term.on(batch);
    return new Kernel() {
      @Override public void apply(Token token) {
        token.advantage = Math.clamp(token.advantage, -limit, limit);
        kernel.apply(token);
      }

      @Override public void report(Map<String, Metric> metrics) {
        kernel.report(metrics);
      }
    };
  }
}
