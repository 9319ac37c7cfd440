package io.ballast.objective;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** An objective whose advantages are multiplied by a detached weight: {@link Objective#corrected}. */
record Corrected(Objective objective, Weighting correction) implements Objective {

  @Override public Evaluation evaluate(TokenBatch batch) {
    if (!correction.isSolved()) return prepared(batch).evaluate(batch);
    Map<String, Metric> own = new LinkedHashMap<>();
    Evaluation result = objective.evaluate(weighted(batch, correction, own));
    Map<String, Metric> metrics = new LinkedHashMap<>(result.metrics());
    metrics.putAll(own);
    return new Evaluation(result.loss(), result.dlogp(), result.gradients(), metrics);
  }

  private static TokenBatch weighted(TokenBatch batch, Weighting correction, Map<String, Metric> metrics) {
    double[] factor = correction.factors(batch, metrics);
    for (int t = 0; t < factor.length; t++) factor[t] *= batch.advantage()[t];
    return batch.withAdvantage(factor);
  }

  @Override public Objective prepared(TokenBatch whole) {
    Weighting solved = correction.prepared(whole, new TokenRatio());
    return new Corrected(objective.prepared(weighted(whole, solved, new HashMap<>())), solved);
  }

  @Override public Map<String, double[]> memory() {
    return objective.memory();
  }

  @Override public Objective remembering(Map<String, double[]> memory) {
    return new Corrected(objective.remembering(memory), correction);
  }

  @Override public Objective next(TokenBatch whole, Evaluation result) {
    return new Corrected(objective.next(whole, result), correction);
  }

  @Override public boolean local() {
    return objective.local();
  }
}
