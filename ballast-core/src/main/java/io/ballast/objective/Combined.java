package io.ballast.objective;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The sum of two objectives: {@link Objective#plus}. */
record Combined(Objective first, Objective second) implements Objective {

  @Override public Evaluation evaluate(TokenBatch batch) {
    Evaluation a = first.evaluate(batch), b = second.evaluate(batch);
    Map<String, double[]> gradients = new LinkedHashMap<>(a.gradients());
    b.gradients().forEach((column, gradient) -> gradients.merge(column, gradient, Combined::sum));
    Map<String, Metric> metrics = new LinkedHashMap<>(a.metrics());
    b.metrics().forEach(metrics::putIfAbsent);
    return new Evaluation(a.loss() + b.loss(), sum(a.dlogp(), b.dlogp()), gradients, metrics);
  }

  private static double[] sum(double[] a, double[] b) {
    double[] out = new double[a.length];
    for (int i = 0; i < out.length; i++) out[i] = a[i] + b[i];
    return out;
  }

  @Override public Objective prepared(TokenBatch whole) {
    return new Combined(first.prepared(whole), second.prepared(whole));
  }

  @Override public Map<String, double[]> memory() {
    Map<String, double[]> memory = new LinkedHashMap<>(first.memory());
    second.memory().forEach((name, value) -> {
      if (memory.put(name, value) != null) throw new IllegalStateException("both objectives remember " + name);
    });
    return memory;
  }

  @Override public Objective remembering(Map<String, double[]> memory) {
    if (!memory.keySet().equals(memory().keySet())) {
      throw new IllegalArgumentException("this objective remembers %s, yet the checkpoint holds %s".formatted(memory().keySet(), memory.keySet()));
    }
    Map<String, double[]> firsts = new HashMap<>(memory), seconds = new HashMap<>(memory);
    firsts.keySet().retainAll(first.memory().keySet());
    seconds.keySet().removeAll(firsts.keySet());
    return new Combined(first.remembering(firsts), second.remembering(seconds));
  }

  @Override public Objective next(TokenBatch whole, Evaluation result) {
    return new Combined(first.next(whole, result), second.next(whole, result));
  }

  @Override public boolean local() {
    return first.local() || second.local();
  }

  @Override public Objective corrected(Weighting correction) {
    return new Combined(first.corrected(correction), second.corrected(correction));
  }
}
