package io.ballast.control;

import io.ballast.objective.Check;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * The multiplier of a constraint "the measured mean of {@code metric} is at most delta", raised where it is broken and lowered
 * where there is room.
 *
 * <pre>   λ ← clip(λ + η (measured − δ), 0, λ_max)      after each step</pre>
 *
 * @param lambda the multiplier in use
 * @param metric name of the metric of the whole step that is constrained
 * @param delta its bound
 * @param eta step size of the ascent
 * @param lambdaMax the largest multiplier
 */
public record DualVariable(double lambda, String metric, double delta, double eta, double lambdaMax) implements Controller<DualVariable> {
  public DualVariable {
    Check.within("lambda-max", lambdaMax, 0, Double.MAX_VALUE);
    Check.within("lambda", lambda, 0, lambdaMax);
    Check.within("delta", delta, 0, Double.MAX_VALUE);
    Check.within("eta", eta, 0, Double.MAX_VALUE);
  }

  @Override public DualVariable next(TokenBatch whole, Evaluation result) {
    Metric measured = result.metrics().get(metric);
    if (measured == null) throw new IllegalStateException("the objective reports no metric " + metric + ", which its constraint is about");
    double moved = lambda + eta * (measured.value() - delta);
    return new DualVariable(Math.clamp(moved, 0, lambdaMax), metric, delta, eta, lambdaMax);
  }

  @Override public Map<String, double[]> memory() {
    return Memory.of("lambda", lambda);
  }

  @Override public DualVariable remembering(Map<String, double[]> memory) {
    Memory.expect(memory, "lambda");
    return new DualVariable(Memory.scalar(memory, "lambda"), metric, delta, eta, lambdaMax);
  }

  @Override public Map<String, Metric> metrics() {
    return Map.of("dual-variable", new Metric.Same(lambda));
  }
}
