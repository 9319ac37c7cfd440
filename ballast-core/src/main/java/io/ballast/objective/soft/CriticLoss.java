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
    for (int t = 0; t < gradient.length; t++) gradient[t] = returns[t] - estimate[t];
    double each = coefficient / batch.step().tokens(), sum = head == Head.SQUARE ? square(gradient, each) : median(gradient, each);
    return new Evaluation(batch.tokens() == 0 ? 0 : each * sum, new double[batch.tokens()], Map.of(column, gradient),
        Map.of(column + "-loss", new Metric.Mean(sum, batch.tokens())));
  }

  /** Σ z², and the gradient in the place of z. */
  private static double square(double[] z, double each) {
    double sum = 0;
    for (int t = 0; t < z.length; t++) {
      sum += z[t] * z[t];
      z[t] *= -2 * each;
    }
    return sum;
  }

  /**
   * Σ softplus(z) − z/2 = Σ |z|/2 + ln(1 + e), e = exp(−|z|), and the gradient in the place of z: σ(z) − ½ = ½ sign(z) (1 − e)/(1 + e).
   * One logarithm for the product of many 1 + e, which are at most 2.
   */
  private static double median(double[] z, double each) {
    double sum = 0, product = 1;
    for (int t = 0; t < z.length; t++) {
      double size = Math.abs(z[t]), e = Math.exp(-size);
      sum += size / 2;
      product *= 1 + e;
      if (t % FACTORS == FACTORS - 1) {
        sum += Math.log(product);
        product = 1;
      }
      z[t] = -each / 2 * Math.copySign((1 - e) / (1 + e), z[t]);
    }
    return sum + Math.log(product);
  }

  private static final int FACTORS = 512;
}
