package io.ballast.objective.clipping;

import io.ballast.objective.Check;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.TokenBatch;

/**
 * A level whose log-ratio is held in an interval before anything else sees it; outside, on both sides and whatever the advantage, no
 * gradient passes.
 *
 * <pre>   ln x_t ← clamp(ln x_t, low, high)</pre>
 *
 * @param low nats
 * @param high nats
 * @see <a href="https://arxiv.org/abs/2509.24207">Humanline</a>
 */
public record BoundedRatio(RatioLevel level, double low, double high) implements RatioLevel {

  public BoundedRatio {
    Check.within("log-epsilon-p", low, -TokenBatch.MAX_LOG_RATIO, 0);
    Check.within("log-epsilon-r", high, 0, TokenBatch.MAX_LOG_RATIO);
  }

  @Override public RatioLevel prepared(TokenBatch whole, RatioLevel outer) {
    return new BoundedRatio(level.prepared(whole, level), low, high);
  }

  @Override public boolean isSolved() {
    return level.isSolved();
  }

  @Override public void logRatios(TokenBatch batch, double[] out) {
    level.logRatios(batch, out);
    for (int t = 0; t < out.length; t++) out[t] = Math.clamp(out[t], low, high);
  }

  @Override public void spread(TokenBatch batch, double[] gradient) {
    double[] free = new double[gradient.length];
    level.logRatios(batch, free);
    for (int t = 0; t < gradient.length; t++) if (free[t] < low || free[t] > high) gradient[t] = 0;
    level.spread(batch, gradient);
  }
}
