package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.Term;
import io.ballast.objective.TokenBatch;

/**
 * The ratio capped from above whatever the sign, as PIPO's released code has it: J = min(x, clip(x, ·, high)) A = min(x, high) A.
 *
 * <pre>   ∂J/∂ln x = x A where x ≤ high, else 0</pre>
 *
 * For A &lt; 0 that is the opposite of PPO: a token that has already become likelier is no longer pushed down.
 *
 * @see <a href="https://github.com/JacckMa/pipo_verl">grpo_layback in core_algos.py</a>
 */
public record UpperClip(double high) implements Term {
  public UpperClip {
    Check.within("upper ratio bound", high, 1, Double.POSITIVE_INFINITY);
  }

  @Override public boolean clips() {
    return true;
  }

  @Override public Kernel on(TokenBatch batch) {
    return token -> {
      boolean over = token.ratio > high;
      double value = Math.min(token.ratio, high) * token.advantage;
      token.answer(value, over ? 0 : value, over);
    };
  }
}
