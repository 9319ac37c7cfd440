package io.ballast.objective.offpolicy;

import io.ballast.objective.Token;

/** The clip of a token whose bounds or advantage are its own. */
final class Clips {
  private Clips() {}

  /**
   * J = min(x A, clip(x, low, high) A), for A &lt; 0 then at least cap · A; ∂J/∂ln x = x A where the unclipped branch holds, else 0.
   */
  static void apply(Token token, double advantage, double low, double high, double cap) {
    double x = token.ratio;
    if (advantage > 0 ? x > high : advantage < 0 && x < low) {
      token.answer((advantage > 0 ? high : low) * advantage, 0, true);
    } else if (advantage < 0 && x > cap) {
      token.answer(cap * advantage, 0, false);
    } else {
      token.answer(x * advantage, x * advantage, false);
    }
  }
}
