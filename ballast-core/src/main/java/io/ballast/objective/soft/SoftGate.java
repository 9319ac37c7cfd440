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
  /** Beyond it the gate is shut, and a larger exponential would only overflow. */
  private static final double MAX_ARGUMENT = 300;

  public SoftGate {
    Check.above("tau-pos", tauPos, 0);
    Check.above("tau-neg", tauNeg, 0);
  }

  @Override public Kernel on(TokenBatch batch) {
    return token -> {
      double advantage = token.advantage;
      boolean positive = advantage > 0;
      double z = (positive ? tauPos : tauNeg) * (token.ratio - 1);
      double e = Math.exp(Math.min(-z, MAX_ARGUMENT)), gate = 1 / (1 + e), pull = 4 * gate * advantage;
      token.answer(pull / (positive ? tauPos : tauNeg), pull * gate * e * token.ratio, false);
    };
  }
}
