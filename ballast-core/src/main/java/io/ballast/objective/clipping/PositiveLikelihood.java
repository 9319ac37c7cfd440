package io.ballast.objective.clipping;

import io.ballast.objective.Check;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Map;

/**
 * Imitation of the good answers: L = −c · mean of logp over the tokens with A &gt; 0 of the whole step.
 *
 * @param coefficient c
 * @param tokens tokens with A &gt; 0 in the whole step; −1: counted on the batch that is evaluated
 * @see <a href="https://arxiv.org/abs/2508.07629">Klear-Reasoner</a>, equation 13, with log π where π is printed
 */
public record PositiveLikelihood(double coefficient, long tokens) implements Objective {

  public PositiveLikelihood {
    Check.within("positive-sft-coefficient", coefficient, 0, Double.MAX_VALUE);
  }

  public PositiveLikelihood(double coefficient) {
    this(coefficient, -1);
  }

  @Override public Objective prepared(TokenBatch whole) {
    return new PositiveLikelihood(coefficient, count(whole));
  }

  private static long count(TokenBatch batch) {
    long count = 0;
    for (double advantage : batch.advantage()) if (advantage > 0) count++;
    return count;
  }

  @Override public Evaluation evaluate(TokenBatch batch) {
    long count = tokens < 0 ? count(batch) : tokens;
    double weight = count == 0 ? 0 : coefficient / count, total = 0;
    double[] dlogp = new double[batch.tokens()];
    for (int t = 0; t < dlogp.length; t++) {
      if (batch.advantage()[t] <= 0) continue;
      total -= batch.logp()[t];
      dlogp[t] = -weight;
    }
    return new Evaluation(weight * total, dlogp, Map.of("positive-sft-loss", new Metric.Mean(total, count(batch))));
  }

  /** What is imitated is good wherever it came from. */
  @Override public Objective corrected(Weighting correction) {
    return this;
  }
}
