package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;

/**
 * M2PO's mask: unclipped importance sampling without the tokens furthest from the sampler.
 *
 * <pre>
 *   l = logp − behaviourLogp,  𝒯 = {A &gt; 0, l &gt; 0} ∪ {A &lt; 0, l &lt; 0}
 *   drop the largest l² of 𝒯 until the mean of l² over what is left of it is at most τ       detached, over the whole step
 *   J = x A, ∂J/∂ln x = x A;  0 for dropped tokens
 * </pre>
 *
 * The level must be the ratio to the sampler. The mask of a part cannot be known from the part. Equal squares stay or go together.
 *
 * @param tau τ, nats²
 * @param threshold the largest l² that stays; NaN: not solved
 * @see <a href="https://arxiv.org/abs/2510.01161">Prosperity before Collapse</a>, algorithm 1
 */
public record SecondMomentMask(double tau, double threshold) implements Term {
  public SecondMomentMask {
    Check.above("tau", tau, 0);
  }

  public SecondMomentMask(double tau) {
    this(tau, Double.NaN);
  }

  @Override public SecondMomentMask prepared(TokenBatch whole, RatioLevel level) {
    return new SecondMomentMask(tau, SecondMoment.largestKept(SecondMoment.trustRegion(whole, tau), tau, false));
  }

  @Override public boolean isSolved() {
    return !Double.isNaN(threshold);
  }

  @Override public boolean clips() {
    return true;
  }

  @Override public Kernel on(TokenBatch batch) {
    return this::apply;
  }

  private void apply(Token token) {
    double l = token.logRatio, value = token.ratio * token.advantage;
    if (token.advantage * l > 0 && l * l > threshold) token.answer(0, 0, true);
    else token.answer(value, value, false);
  }
}
