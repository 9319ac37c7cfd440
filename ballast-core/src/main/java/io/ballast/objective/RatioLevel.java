package io.ballast.objective;

/**
 * At which level a method forms its importance ratio: token, turn, sentence, sequence or a mixture. Every token gets the
 * log-ratio its term uses, and every term's gradient finds its way back to the tokens its ratio is made of.
 */
public interface RatioLevel extends Part<RatioLevel> {

  /**
   * Writes ln x_t, the log-ratio that token t's term uses, finite and within ±{@value TokenBatch#MAX_LOG_RATIO}.
   *
   * @param out [T]
   */
  void logRatios(TokenBatch batch, double[] out);

  /**
   * The chain rule back to the tokens, in place.
   *
   * @param gradient [T], in: ∂L/∂ln x_t of token t's own term; out: dL/dlogp_t
   */
  void spread(TokenBatch batch, double[] gradient);
}
