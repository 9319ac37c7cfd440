package io.ballast.control;

import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * A quantity adapted from step to step, as a value.
 *
 * <p>Law, tested: {@code c.next(b, e).equals(c.remembering(c.memory()).next(b, e))}: the memory is all there is.
 *
 * @param <C> the controller itself
 */
public interface Controller<C extends Controller<C>> {

  /** What must survive a checkpoint, by name: finite numbers, for a checkpoint may be text; what is not yet known is an empty array. */
  Map<String, double[]> memory();

  /** This controller with the given memory; names it does not know are refused. */
  C remembering(Map<String, double[]> memory);

  /** This controller once the step's numbers are known, before its gradient is taken; itself unless the step's own numbers count. */
  @SuppressWarnings("unchecked")
  default C observing(TokenBatch whole) {
    return (C) this;
  }

  /** The controller of the next step: what is measured in this step takes effect in the next one. */
  C next(TokenBatch whole, Evaluation result);

  /** What it shows about itself, the same in every part of a step. */
  Map<String, Metric> metrics();
}
