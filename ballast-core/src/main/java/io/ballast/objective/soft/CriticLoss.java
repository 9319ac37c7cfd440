package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * A critic's head trained towards the return, beside the policy: mean over the tokens of the step.
 *
 * <pre>
 *   SQUARE   L = coefficient · mean (value − Q)²                    dL/dvalue_t  = coefficient · 2 (value − Q)/T
 *   MEDIAN   L = coefficient · mean [softplus(z) − z/2], z = Q − U    dL/dU_t      = −coefficient · (σ(z) − ½)/T
 * </pre>
 * Q = column {@code returns}, U = column {@code median}. MEDIAN is stationary where the mean of σ(Q − U) is ½.
 *
 * @see <a href="https://arxiv.org/abs/2604.18578">Bounded Ratio Reinforcement Learning</a>
 */
public record CriticLoss(Head head, double coefficient) implements Objective {

  /** Which head. */
  public enum Head { SQUARE, MEDIAN }

  public CriticLoss {
    Check.within("coefficient of the critic", coefficient, 0, Double.MAX_VALUE);
  }

  @Override public Evaluation evaluate(TokenBatch batch) {
    String column = head == Head.SQUARE ? Column.VALUE : Column.MEDIAN;
    double[] estimate = batch.column(column), returns = batch.column(Column.RETURNS), gradient = new double[batch.tokens()];
    double each = coefficient / batch.step().tokens(), sum = 0;
    for (int t = 0; t < gradient.length; t++) {
      double z = returns[t] - estimate[t];
      if (head == Head.SQUARE) {
        sum += z * z;
        gradient[t] = -each * 2 * z;
      } else {
        sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - z / 2;
        gradient[t] = -each * (1 / (1 + Math.exp(-z)) - 0.5);
      }
    }
    return new Evaluation(batch.tokens() == 0 ? 0 : each * sum, new double[batch.tokens()], Map.of(column, gradient),
        Map.of(column + "-loss", new Metric.Mean(sum, batch.tokens())));
  }
}
