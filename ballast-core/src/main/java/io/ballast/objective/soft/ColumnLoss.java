package io.ballast.objective.soft;

import io.ballast.objective.Aggregation;
import io.ballast.objective.Check;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * A column as a loss: an exact divergence that the engine computes.
 *
 * <pre>   L = coefficient · Σ_t w_t column_t,     dL/dcolumn_t = coefficient · w_t,     dL/dlogp = 0</pre>
 *
 * <p>Metric: the column's token mean, under {@code metric}.
 */
public record ColumnLoss(String column, double coefficient, Aggregation aggregation, String metric) implements Objective {
  public ColumnLoss {
    Check.within("coefficient of " + column, coefficient, -Double.MAX_VALUE, Double.MAX_VALUE);
  }

  @Override public Objective prepared(TokenBatch whole) {
    return new ColumnLoss(column, coefficient, aggregation.prepared(whole), metric);
  }

  @Override public Evaluation evaluate(TokenBatch batch) {
    double[] values = batch.column(column), weights = aggregation.weights(batch), gradient = new double[batch.tokens()];
    double loss = 0, total = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) {
        gradient[t] = coefficient * weights[s];
        loss += gradient[t] * values[t];
        total += values[t];
      }
    }
    return new Evaluation(loss, new double[batch.tokens()], Map.of(column, gradient), Map.of(metric, new Metric.Mean(total, batch.tokens())));
  }
}
