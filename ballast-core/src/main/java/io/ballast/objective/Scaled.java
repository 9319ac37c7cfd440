package io.ballast.objective;

import java.util.LinkedHashMap;
import java.util.Map;

/** An objective times a constant: {@link Objective#times}. */
record Scaled(Objective objective, double scale) implements Objective {

  @Override public Evaluation evaluate(TokenBatch batch) {
    Evaluation result = objective.evaluate(batch);
    Map<String, double[]> gradients = new LinkedHashMap<>();
    result.gradients().forEach((column, gradient) -> gradients.put(column, scaled(gradient)));
    return new Evaluation(scale * result.loss(), scaled(result.dlogp()), gradients, result.metrics());
  }

  private double[] scaled(double[] values) {
    double[] out = values.clone();
    for (int i = 0; i < out.length; i++) out[i] *= scale;
    return out;
  }

  @Override public Objective prepared(TokenBatch whole) {
    return new Scaled(objective.prepared(whole), scale);
  }

  @Override public Map<String, double[]> memory() {
    return objective.memory();
  }

  @Override public Objective remembering(Map<String, double[]> memory) {
    return new Scaled(objective.remembering(memory), scale);
  }

  @Override public Objective next(TokenBatch whole, Evaluation result) {
    return new Scaled(objective.next(whole, result), scale);
  }

  @Override public boolean local() {
    return objective.local();
  }

  @Override public Objective corrected(Weighting correction) {
    return new Scaled(objective.corrected(correction), scale);
  }
}
