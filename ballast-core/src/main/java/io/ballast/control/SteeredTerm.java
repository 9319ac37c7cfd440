package io.ballast.control;

import io.ballast.objective.Evaluation;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import java.util.Map;
import java.util.function.Function;

/**
 * A term of a policy objective some coefficient of which is set by a controller: R2VPO's multiplier, a KL penalty's β.
 *
 * <p>Within a step it is the plain term that {@code built} makes of the controller. The term it builds has no memory of its own.
 */
public record SteeredTerm<C extends Controller<C>>(C controller, Function<C, Term> built) implements Term {

  private Term term() {
    return built.apply(controller);
  }

  @Override public Kernel on(TokenBatch batch) {
    C now = controller.observing(batch);
    return new Shown(built.apply(now), now.metrics()).on(batch);
  }

  @Override public boolean throughRatio() {
    return term().throughRatio();
  }

  @Override public boolean readsRatio() {
    return term().readsRatio();
  }

  @Override public boolean clips() {
    return term().clips();
  }

  @Override public boolean differentiatesEntropy() {
    return term().differentiatesEntropy();
  }

  @Override public Term prepared(TokenBatch whole, RatioLevel level) {
    C now = controller.observing(whole);
    return new Shown(built.apply(now).prepared(whole, level), now.metrics());
  }

  @Override public Map<String, double[]> memory() {
    return controller.memory();
  }

  @Override public Term remembering(Map<String, double[]> memory) {
    return new SteeredTerm<>(controller.remembering(memory), built);
  }

  @Override public Term next(TokenBatch whole, Evaluation result) {
    return new SteeredTerm<>(controller.next(whole, result), built);
  }

  /** A term that reports its controller's numbers too. */
  private record Shown(Term term, Map<String, Metric> controls) implements Term {

    @Override public boolean throughRatio() {
      return term.throughRatio();
    }

    @Override public boolean readsRatio() {
      return term.readsRatio();
    }

    @Override public boolean clips() {
      return term.clips();
    }

    @Override public boolean differentiatesEntropy() {
      return term.differentiatesEntropy();
    }

    @Override public Kernel on(TokenBatch batch) {
      Kernel kernel = term.on(batch);
      return new Kernel() {
        @Override public void apply(Token token) {
          kernel.apply(token);
        }

        @Override public void report(Map<String, Metric> metrics) {
          kernel.report(metrics);
          metrics.putAll(controls);
        }
      };
    }
  }
}
