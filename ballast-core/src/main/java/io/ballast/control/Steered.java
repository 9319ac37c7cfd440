package io.ballast.control;

import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * An objective some coefficient of which is set by a controller.
 *
 * <p>Within a step it is the plain objective that {@code built} makes of the controller; after the step the controller moves on.
 * The objective it builds has no memory of its own.
 *
 * @param controller what is adapted, and all that is remembered
 * @param built the objective of a step, given the controller of that step
 */
public record Steered<C extends Controller<C>>(C controller, Function<C, Objective> built) implements Objective {
  public Steered {
    var forgotten = built.apply(controller).memory();
    if (!forgotten.isEmpty()) {
      throw new IllegalArgumentException("a steered objective must have no memory of its own, this one keeps %s".formatted(forgotten.keySet()));
    }
  }

  @Override public Evaluation evaluate(TokenBatch batch) {
    return prepared(batch).evaluate(batch);
  }

  @Override public Objective prepared(TokenBatch whole) {
    C now = controller.observing(whole);
    Objective fixed = built.apply(now).prepared(whole);
    return part -> shown(now, fixed.evaluate(part));
  }

  @Override public Map<String, double[]> memory() {
    return controller.memory();
  }

  @Override public Objective remembering(Map<String, double[]> memory) {
    return new Steered<>(controller.remembering(memory), built);
  }

  @Override public Objective next(TokenBatch whole, Evaluation result) {
    return new Steered<>(controller.next(whole, result), built);
  }

  private static Evaluation shown(Controller<?> controller, Evaluation plain) {
    Map<String, Metric> metrics = new LinkedHashMap<>(plain.metrics());
    metrics.putAll(controller.metrics());
    return new Evaluation(plain.loss(), plain.dlogp(), plain.gradients(), metrics);
  }
}
