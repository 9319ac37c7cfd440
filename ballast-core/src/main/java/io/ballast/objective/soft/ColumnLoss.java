package io.ballast.objective.soft;

import io.ballast.objective.Aggregation;
import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.TokenRatio;
import io.ballast.objective.Weighting;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A column as a loss: an exact divergence that the engine computes, or, with a negative coefficient, an entropy bonus averaged in a
 * way of its own.
 *
 * <pre>   L = coefficient · Σ_t w_t f_t column_t,     dL/dcolumn_t = coefficient · w_t f_t,     dL/dlogp = 0</pre>
 *
 * <p>Metric: the column's token mean, under {@code metric}.
 *
 * @param selection the tokens that count, f_t 1 or 0; null: all
 */
public record ColumnLoss(String column, double coefficient, Aggregation aggregation, String metric, @Nullable Weighting selection) implements Objective {
  public ColumnLoss {
    Check.within("coefficient of " + column, coefficient, -Double.MAX_VALUE, Double.MAX_VALUE);
  }

  /** Over all tokens. */
  public ColumnLoss(String column, double coefficient, Aggregation aggregation, String metric) {
    this(column, coefficient, aggregation, metric, null);
  }

  /** An entropy bonus on the selected tokens, divided by the number of all tokens of the step. */
  public static ColumnLoss entropyBonus(double coefficient, @Nullable Weighting selection) {
    return new ColumnLoss(Column.ENTROPY, -coefficient, new Aggregation.TokenMean(), "entropy", selection);
  }

  @Override public Objective prepared(TokenBatch whole) {
    return new ColumnLoss(column, coefficient, aggregation.prepared(whole), metric,
        selection == null ? null : selection.prepared(whole, new TokenRatio()));
  }

  @Override public Evaluation evaluate(TokenBatch batch) {
    if (selection != null && !selection.isSolved()) return prepared(batch).evaluate(batch);
    double[] values = batch.column(column), weights = aggregation.weights(batch), gradient = new double[batch.tokens()];
    Arrays.fill(gradient, 1);
    if (selection != null) selection.multiply(batch, gradient);
    double loss = 0, total = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) {
        gradient[t] *= coefficient * weights[s];
        loss += gradient[t] * values[t];
        total += values[t];
      }
    }
    return new Evaluation(loss, new double[batch.tokens()], Map.of(column, gradient), Map.of(metric, new Metric.Mean(total, batch.tokens())));
  }
}
