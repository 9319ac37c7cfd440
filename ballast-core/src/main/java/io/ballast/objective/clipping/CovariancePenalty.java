package io.ballast.objective.clipping;

import io.ballast.objective.Check;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.Quantile;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * KL-Cov: holds the tokens of highest covariance near the old policy.
 *
 * <pre>
 *   K = max(1, ⌊fraction · T⌋) tokens of highest cov_t        cov: {@link Covariance}; ties by sequence and position
 *   J −= β |logp − oldLogp|  on them,   dJ/dlogp = −β sign(logp − oldLogp)
 * </pre>
 *
 * @param coefficient β
 * @param chosen what the whole step gave; null: not solved yet
 * @see <a href="https://arxiv.org/abs/2505.22617">The Entropy Mechanism of RL</a>
 */
public record CovariancePenalty(double fraction, double coefficient, @Nullable Chosen chosen) implements Term {

  /** Means of the step, the smallest covariance chosen, and the last token chosen among those that have exactly it. */
  record Chosen(Covariance means, double least, long lastTie) {
    boolean has(TokenBatch batch, int s, int t) {
      double cov = means.at(batch, t);
      return cov > least || cov == least && place(batch, s, t) <= lastTie;
    }
  }

  public CovariancePenalty {
    Check.within("fraction", fraction, 0, 1);
    Check.within("coefficient", coefficient, 0, Double.MAX_VALUE);
  }

  public CovariancePenalty(double fraction, double coefficient) {
    this(fraction, coefficient, null);
  }

  private static long place(TokenBatch batch, int s, int t) {
    return ((long) batch.ids()[s] << 32) + t - batch.offsets()[s];
  }

  @Override public boolean isSolved() {
    return chosen != null;
  }

  @Override public boolean readsRatio() {
    return false;
  }

  @Override public Term prepared(TokenBatch whole, RatioLevel level) {
    Covariance means = Covariance.of(whole);
    double[] cov = new double[whole.tokens()];
    for (int t = 0; t < cov.length; t++) cov[t] = means.at(whole, t);
    int wanted = Math.min(Covariance.count(fraction, whole), cov.length);
    double least = wanted == 0 ? Double.POSITIVE_INFINITY : Quantile.kth(cov, cov.length - wanted);
    return new CovariancePenalty(fraction, coefficient, new Chosen(means, least, lastTie(whole, means, least, cov, wanted)));
  }

  /** Of the tokens that tie on the threshold only as many are taken as fit, the first ones of the step. */
  private static long lastTie(TokenBatch whole, Covariance means, double least, double[] cov, int wanted) {
    int above = 0, ties = 0;
    for (double value : cov) {
      if (value > least) above++;
      else if (value == least) ties++;
    }
    if (above + ties <= wanted) return Long.MAX_VALUE;
    double[] places = new double[ties];
    int found = 0;
    for (int s = 0; s < whole.sequences(); s++) {
      for (int t = whole.offsets()[s]; t < whole.offsets()[s + 1]; t++) {
        if (means.at(whole, t) == least) places[found++] = place(whole, s, t);
      }
    }
    return (long) Quantile.select(places, wanted - above - 1);
  }

  @Override public Kernel on(TokenBatch batch) {
    Chosen solved = chosen;
    if (solved == null) throw new IllegalStateException("not prepared on the step");
    return new Kernel() {
      private long count;

      @Override public void apply(Token token) {
        if (!solved.has(batch, token.sequence, token.index)) {
          token.answer(0, 0, false);
          return;
        }
        count++;
        token.answer(-coefficient * Math.abs(token.logRatio), -coefficient * Math.signum(token.logRatio), false);
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("covariance-penalised-fraction", new Metric.Mean(count, batch.tokens()));
      }
    };
  }
}
