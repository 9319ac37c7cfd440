package io.ballast.objective;

/** Each token has its own ratio ρ_t = exp(logp_t − oldLogp_t). */
public record TokenRatio() implements RatioLevel {

  @Override public void logRatios(TokenBatch batch, double[] out) {
    logRatios(batch.logp(), batch.oldLogp(), out);
  }

  @Override public void spread(TokenBatch batch, double[] gradient) {
    spread(batch.logp(), batch.oldLogp(), gradient);
  }

  static void logRatios(double[] logp, double[] old, double[] out) {
    for (int t = 0; t < out.length; t++) {
      double d = logp[t] - old[t];
      out[t] = Math.clamp(d, -TokenBatch.MAX_LOG_RATIO, TokenBatch.MAX_LOG_RATIO);
    }
  }

  static void spread(double[] logp, double[] old, double[] gradient) {
    for (int t = 0; t < gradient.length; t++) {
      if (Math.abs(logp[t] - old[t]) > TokenBatch.MAX_LOG_RATIO) gradient[t] = 0; // the ratio is held there: a constant
    }
  }
}
