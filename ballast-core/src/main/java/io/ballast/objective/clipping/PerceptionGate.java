package io.ballast.objective.clipping;

import io.ballast.objective.Check;
import io.ballast.objective.Clip;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Mix;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * Humanline sampling, of which {@link HeldRatio} is the limit: chance decides whether a token is perceived, and one that is not keeps its
 * value and loses its gradient.
 *
 * <pre>
 *   B_P, B_R ~ Beta(γ, 1), that is u^(1/γ) with u uniform; mean γ / (γ + 1)
 *   J = sg[J_base] where x &lt; M_P B_P or 1/x &lt; M_R B_R,  J_base elsewhere
 * </pre>
 *
 * The draws are keyed by (seed, step, sequence, position): splitting or reordering the step changes nothing.
 *
 * @param mP M_P, above 0
 * @param mR M_R, above 0
 * @param gamma γ, above 0
 * @param base the clip of the ratio as it is
 * @param step how many steps have gone by
 * @see <a href="https://arxiv.org/abs/2509.24207">Humanline</a>
 */
public record PerceptionGate(double mP, double mR, double gamma, Clip base, long seed, long step) implements Term {

  public PerceptionGate {
    Check.above("m-p", mP, 0);
    Check.above("m-r", mR, 0);
    Check.above("beta-gamma", gamma, 0);
  }

  /** The gate whose bounds, with the mean in the place of B, are the interval of {@code held}. */
  public static PerceptionGate around(HeldRatio held, double gamma, long seed) {
    double mean = 1 / (1 + 1 / gamma);
    return new PerceptionGate(Math.exp(held.least()) / mean, Math.exp(-held.most()) / mean, gamma, held.clip(), seed, 0);
  }

  @Override public boolean clips() {
    return base.clips();
  }

  @Override public Kernel on(TokenBatch batch) {
    Kernel inner = base.on(batch);
    double lnP = Math.log(mP), lnR = Math.log(mR);
    return new Kernel() {
      private long detached;

      @Override public void apply(Token token) {
        inner.apply(token);
        if (!misses(token, token.logRatio - lnP, LOW) && !misses(token, -token.logRatio - lnR, HIGH)) return;
        token.slope = 0;
        detached++;
      }

      /** Whether ln B is above {@code excess}; B is at most 1, so that most tokens need no draw. */
      private boolean misses(Token token, double excess, long side) {
        if (excess >= 0) return false;
        int position = token.index - batch.offsets()[token.sequence];
        return excess < Math.log(Mix.uniform(seed, step, batch.ids()[token.sequence], position, side)) / gamma;
      }

      @Override public void report(Map<String, Metric> metrics) {
        inner.report(metrics);
        metrics.put("detached-fraction", new Metric.Mean(detached, batch.tokens()));
      }
    };
  }

  @Override public Map<String, double[]> memory() {
    return Map.of(MEMORY, new double[] {step});
  }

  @Override public Term remembering(Map<String, double[]> memory) {
    return at((long) memory.get(MEMORY)[0]);
  }

  @Override public Term next(TokenBatch whole, Evaluation result) {
    return at(step + 1);
  }

  private PerceptionGate at(long otherStep) {
    return new PerceptionGate(mP, mR, gamma, base, seed, otherStep);
  }

  /** Which of a token's two draws. */
  private static final long LOW = 0, HIGH = 1;
  private static final String MEMORY = "humanline-step";
}
