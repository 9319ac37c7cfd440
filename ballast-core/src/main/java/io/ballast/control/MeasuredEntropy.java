package io.ballast.control;

import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * The entropy that the last update saw: the token mean of −logp of its samples, 0 before the first update.
 *
 * @param entropy nats
 */
public record MeasuredEntropy(double entropy) implements Controller<MeasuredEntropy> {
  public static final MeasuredEntropy START = new MeasuredEntropy(0);

  @Override public MeasuredEntropy next(TokenBatch whole, Evaluation result) {
    return new MeasuredEntropy(Means.sampledEntropy(whole.logp()));
  }

  @Override public Map<String, double[]> memory() {
    return Memory.of("entropy", entropy);
  }

  @Override public MeasuredEntropy remembering(Map<String, double[]> memory) {
    Memory.expect(memory, "entropy");
    return new MeasuredEntropy(Memory.scalar(memory, "entropy"));
  }

  @Override public Map<String, Metric> metrics() {
    return Map.of("measured-entropy", new Metric.Same(entropy));
  }
}
