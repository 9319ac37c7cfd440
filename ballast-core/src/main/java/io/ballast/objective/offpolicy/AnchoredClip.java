package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.OffPolicyRatio;
import io.ballast.objective.Term;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.TruncatedImportance;

/**
 * A clip whose band stands around the ratio that the proximal policy already has to the sampler's, not around 1.
 *
 * <pre>
 *   x  = exp(logp − behaviourLogp)        the ratio of the objective
 *   x' = exp(oldLogp − behaviourLogp)     detached; 1 where there is no column behaviourLogp
 *   J = min(x A, clip(x, max(x' − low, 0), x' + high) A)
 *   ∂J/∂ln x = x A  inside, 0 where A &gt; 0 and x &gt; x' + high, or A &lt; 0 and x &lt; max(x' − low, 0)
 * </pre>
 *
 * @see <a href="https://arxiv.org/abs/2505.22257">Revisiting GRPO</a>, off-policy clipped objective
 */
public record AnchoredClip(double low, double high) implements Term {
  public AnchoredClip {
    Check.within("clip-low", low, 0, Double.MAX_VALUE);
    Check.within("clip-high", high, 0, Double.MAX_VALUE);
  }

  @Override public boolean clips() {
    return true;
  }

  @Override public Kernel on(TokenBatch batch) {
    double[] centre = OffPolicyRatio.token(TruncatedImportance.Against.PROXIMAL).of(batch);
    return token -> Clips.apply(token, token.advantage,
        Math.max(centre[token.index] - low, 0), centre[token.index] + high, Double.POSITIVE_INFINITY);
  }
}
