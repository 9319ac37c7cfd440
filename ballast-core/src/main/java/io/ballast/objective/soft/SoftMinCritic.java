package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * SAFE's critic: two heads joined by a soft minimum, one value an answer, read at its last token.
 *
 * <pre>
 *   V   = −a (ln(e^{−v1/a} + e^{−v2/a}) − ln 2)            a → 0: the smaller, a → ∞: the mean
 *   V_c = V_old + clip(V − V_old, ±clip)
 *   L   = coefficient · mean over answers of ½ [huber(V − R) + huber(V_c − R)]
 *   dV/dv_k = softmax(−v/a)_k;   V_c has no gradient beyond its clip
 * </pre>
 * v1, v2, V_old and R are the columns {@code value}, {@code secondValue}, {@code oldValue} and {@code returns} at the last token.
 *
 * <p>Metric {@code value-loss}: mean over answers of the bracket's half.
 *
 * @see <a href="https://github.com/ryyzn9/SAFE">SAFE</a>, safe/models/critic.py
 */
public record SoftMinCritic(double a, double clip, double huberDelta, double coefficient) implements Objective {
  public SoftMinCritic {
    Check.above("a", a, 0);
    Check.above("value-clip", clip, 0);
    Check.above("huber-delta", huberDelta, 0);
    Check.within("value-coefficient", coefficient, 0, Double.MAX_VALUE);
  }

  /** The soft minimum of two values. */
  public static double softMin(double v1, double v2, double a) {
    double low = Math.min(v1, v2), apart = Math.abs(v1 - v2);
    return low - a * (Math.log1p(Math.exp(-apart / a)) - Math.log(2));
  }

  private double huber(double error) {
    double size = Math.abs(error);
    return size <= huberDelta ? error * error / 2 : huberDelta * (size - huberDelta / 2);
  }

  private double slope(double error) {
    return Math.clamp(error, -huberDelta, huberDelta);
  }

  @Override public Evaluation evaluate(TokenBatch batch) {
    double[] first = batch.column(Column.VALUE), second = batch.column(Column.SECOND_VALUE);
    double[] old = batch.column(Column.OLD_VALUE), returns = batch.column(Column.RETURNS);
    double[] dFirst = new double[batch.tokens()], dSecond = new double[batch.tokens()];
    double each = coefficient / batch.step().sequences(), sum = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      if (batch.length(s) == 0) continue;
      int t = batch.offsets()[s + 1] - 1;
      double value = softMin(first[t], second[t], a), moved = value - old[t];
      double held = old[t] + Math.clamp(moved, -clip, clip), target = returns[t];
      sum += (huber(value - target) + huber(held - target)) / 2;
      double dValue = each * (slope(value - target) + (Math.abs(moved) <= clip ? slope(held - target) : 0)) / 2;
      double share = 1 / (1 + Math.exp((first[t] - second[t]) / a));
      dFirst[t] = dValue * share;
      dSecond[t] = dValue * (1 - share);
    }
    Map<String, double[]> gradients = new LinkedHashMap<>();
    gradients.put(Column.VALUE, dFirst);
    gradients.put(Column.SECOND_VALUE, dSecond);
    return new Evaluation(batch.sequences() == 0 ? 0 : each * sum, new double[batch.tokens()], gradients,
        Map.of("value-loss", new Metric.Mean(sum, batch.sequences())));
  }
}
