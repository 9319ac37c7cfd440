package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.Term;
import io.ballast.objective.TokenBatch;

/**
 * SAPO's soft gate: the ratio's pull fades smoothly on both sides of 1.
 *
 * <pre>
 *   J = (4/τ) σ(τ (x − 1)) A            τ = tau-pos where A &gt; 0, tau-neg elsewhere
 *   ∂J/∂ln x = 4 s (1 − s) x A          s = σ(τ (x − 1));   = sech²(τ (x − 1)/2) x A
 * </pre>
 * Nothing is detached. At x = 1 the gradient is A, the value 2A/τ: compare gradients with other methods, not losses.
 *
 * @see <a href="https://arxiv.org/abs/2511.20347">Soft Adaptive Policy Optimization</a>
 */
public record SoftGate(double tauPos, double tauNeg) implements Term {
  public SoftGate {
    Check.above("tau-pos", tauPos, 0);
    Check.above("tau-neg", tauNeg, 0);
  }

  @Override public Kernel on(TokenBatch batch) {
    return token -> {
      double advantage = token.advantage;
      double tau = advantage > 0 ? tauPos : tauNeg;
      double z = tau * (token.ratio - 1);
      double e = Math.exp(-Math.abs(z)), one = 1 + e;
      double gate = (z >= 0 ? 1 : e) / one;
      token.answer(4 / tau * gate * advantage, 4 * e / (one * one) * token.ratio * advantage, false);
    };
  }
}
