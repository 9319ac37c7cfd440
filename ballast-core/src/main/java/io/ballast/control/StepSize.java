package io.ballast.control;

import io.ballast.objective.Check;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.TokenBatch;
import java.util.Map;

/**
 * The step size of mirror descent, constant or falling in a straight line.
 *
 * <pre>   t_k = max(t · (1 − (k − 1)/K), floor)      k = 1, 2, … counts optimizer steps; constant t without K</pre>
 *
 * @param t the first step size
 * @param floor the smallest: 1/t grows without bound where t reaches 0
 * @param annealSteps K; 0 keeps t constant
 * @param done optimizer steps behind us, k − 1
 * @see <a href="https://arxiv.org/abs/2005.09814">Tomar et al. 2020</a> and the official code's linear annealing
 */
public record StepSize(double t, double floor, long annealSteps, long done) implements Controller<StepSize> {
  public StepSize {
    Check.above("t", t, 0);
    Check.above("t-min", floor, 0);
    Check.atLeast("anneal-steps", annealSteps, 0);
    Check.atLeast("steps done", done, 0);
  }

  /** t_k of the current step. */
  public double value() {
    return annealSteps == 0 ? t : Math.max(t * (1 - (double) done / annealSteps), floor);
  }

  @Override public StepSize next(TokenBatch whole, Evaluation result) {
    return new StepSize(t, floor, annealSteps, done + 1);
  }

  @Override public Map<String, double[]> memory() {
    return Memory.of("steps", done);
  }

  @Override public StepSize remembering(Map<String, double[]> memory) {
    Memory.expect(memory, "steps");
    return new StepSize(t, floor, annealSteps, (long) Memory.scalar(memory, "steps"));
  }

  @Override public Map<String, Metric> metrics() {
    return Map.of("step-size", new Metric.Same(value()));
  }
}
