package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.Term;
import io.ballast.objective.TokenBatch;

/**
 * Advantage-weighted regression: log-likelihood weighted by the exponential of the advantage.
 *
 * <pre>   J = logp · exp(c A),     dJ/dlogp = exp(c A)</pre>
 *
 * No importance ratio; the weight is constant.
 *
 * @see <a href="https://arxiv.org/abs/2306.02231">Advantage-Induced Policy Alignment</a>, the alternative in its official code
 */
public record ExponentialWeight(double c) implements Term {
  public ExponentialWeight {
    Check.within("c-log", c, 0, Double.MAX_VALUE);
  }

  @Override public boolean throughRatio() {
    return false;
  }

  @Override public boolean readsRatio() {
    return false;
  }

  @Override public Kernel on(TokenBatch batch) {
    return token -> {
      double weight = Math.exp(c * token.advantage);
      token.answer(token.logp * weight, weight, false);
    };
  }
}
