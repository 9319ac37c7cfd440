package io.ballast.objective.clipping;

import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * GMPO's term: J = x A with x the {@link ClippedGeometricMean}, which has clipped already.
 *
 * @param level the level it stands on: it knows which tokens were clipped
 */
public record GeometricMeanSurrogate(ClippedGeometricMean level) implements Term {

  @Override public boolean clips() {
    return true;
  }

  @Override public Kernel on(TokenBatch batch) {
    return new Kernel() {
      @Override public void apply(Token token) {
        double value = token.ratio * token.advantage;
        token.answer(value, value, level.clips(batch, token.index));
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("clip-low", new Metric.Same(Math.exp(-level.low())));
        metrics.put("clip-high", new Metric.Same(Math.exp(level.high())));
      }
    };
  }
}
