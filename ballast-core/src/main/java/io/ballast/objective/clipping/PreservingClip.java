package io.ballast.objective.clipping;

import io.ballast.objective.Check;
import io.ballast.objective.Clip;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * PPO's clip with the gradient of clipped tokens kept, bounded and scaled.
 *
 * <pre>
 *   J = β₁ (low / sg[x]) x A     A &lt; 0 and x &lt; low           ∂J/∂ln x = β₁ low A
 *       β₂ (high / sg[x]) x A    A &gt; 0 and x &gt; high          ∂J/∂ln x = β₂ high A
 *       x A                      otherwise                     ∂J/∂ln x = x A
 *   for A &lt; 0 then J ← max(J, cap · A), gradient 0 where x &gt; cap
 * </pre>
 *
 * β₁ = β₂ = 1 is GPPO; 0 and 0 have the gradient of PPO.
 *
 * @param clip low, high, cap
 * @param below β₁
 * @param above β₂
 * @see <a href="https://arxiv.org/abs/2508.07629">Klear-Reasoner</a>, GPPO
 * @see <a href="https://arxiv.org/abs/2509.20712">CE-GPPO</a>
 */
public record PreservingClip(Clip clip, double below, double above) implements Term {

  public PreservingClip {
    Check.within("b1", below, 0, Double.MAX_VALUE);
    Check.within("b2", above, 0, Double.MAX_VALUE);
  }

  @Override public boolean clips() {
    return true;
  }

  @Override public Kernel on(TokenBatch batch) {
    Kernel plain = clip.on(batch);
    return new Kernel() {
      @Override public void apply(Token token) {
        plain.apply(token);
        if (!token.clipped) return;
        double value = (token.advantage > 0 ? above * clip.high() : below * clip.low()) * token.advantage;
        token.answer(value, value, true);
      }

      @Override public void report(Map<String, Metric> metrics) {
        plain.report(metrics);
      }
    };
  }
}
