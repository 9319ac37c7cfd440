package io.ballast.train;

import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Evaluates a step as its objective is defined: whole, or, where the source has a rule per micro-batch ({@link Objective#local}), so many
 * consecutive sequences at a time. How memory limits cut the passes through the model has nothing to do with it.
 *
 * @param size sequences of a micro-batch; the last one may have fewer
 */
record MicroBatches(int size) {

  Evaluation evaluate(Objective objective, TokenBatch step) {
    if (!objective.local()) return objective.prepared(step).evaluate(step);
    double loss = 0;
    double[] dlogp = new double[step.tokens()];
    Map<String, double[]> gradients = new LinkedHashMap<>();
    Map<String, Metric> metrics = new LinkedHashMap<>();
    for (int from = 0; from < step.sequences(); from += size) {
      TokenBatch micro = step.part(IntStream.range(from, Math.min(from + size, step.sequences())).toArray());
      Evaluation result = objective.prepared(micro).evaluate(micro);
      loss += result.loss();
      int at = step.offsets()[from];
      System.arraycopy(result.dlogp(), 0, dlogp, at, micro.tokens());
      result.gradients().forEach((column, values) -> {
        double[] whole = gradients.computeIfAbsent(column, _ -> new double[step.tokens()]);
        System.arraycopy(values, 0, whole, at, micro.tokens());
      });
      result.metrics().forEach((name, metric) -> metrics.merge(name, perMicroBatch(metric), Metric::merge));
    }
    return new Evaluation(loss, dlogp, gradients, metrics);
  }

  /** What is the same in every part of a step may differ between micro-batches that were solved apart: their mean is shown. */
  private static Metric perMicroBatch(Metric metric) {
    return metric instanceof Metric.Same same ? new Metric.Mean(same.value(), 1) : metric;
  }
}
