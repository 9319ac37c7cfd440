package io.ballast.objective.clipping;

import io.ballast.objective.TokenBatch;

/**
 * Covariance of advantage and log-probability, token by token: cov_t = (A_t − mean A)(logp_t − mean logp), the means over all tokens of the
 * step. Large values are the tokens that make entropy collapse.
 *
 * @see <a href="https://arxiv.org/abs/2505.22617">The Entropy Mechanism of RL</a>
 */
record Covariance(double meanAdvantage, double meanLogp) {

  static Covariance of(TokenBatch batch) {
    double advantage = 0, logp = 0;
    for (int t = 0; t < batch.tokens(); t++) {
      advantage += batch.advantage()[t];
      logp += batch.logp()[t];
    }
    int tokens = Math.max(batch.tokens(), 1);
    return new Covariance(advantage / tokens, logp / tokens);
  }

  double at(TokenBatch batch, int t) {
    return (batch.advantage()[t] - meanAdvantage) * (batch.logp()[t] - meanLogp);
  }

  /** max(⌊fraction · T⌋, 1) of the step's tokens. */
  static int count(double fraction, TokenBatch whole) {
    return Math.max((int) Math.floor(fraction * whole.tokens()), 1);
  }
}
