package io.ballast.objective;

import java.util.HashMap;
import java.util.Map;

/**
 * A surrogate with a penalty of the method's own: both are the policy term, so that selections and corrections weigh them alike.
 *
 * <pre>   J = surrogate + penalty,     slopes add</pre>
 *
 * <p>Either both go through the ratio of the token or the level hands slopes back as they are: the two share one slope.
 */
public record Joined(Term surrogate, Term penalty) implements Term {

  @Override public Kernel on(TokenBatch batch) {
    Kernel first = surrogate.on(batch), second = penalty.on(batch);
    return new Kernel() {
      @Override public void apply(Token token) {
        first.apply(token);
        double value = token.value, slope = token.slope;
        boolean clipped = token.clipped;
        second.apply(token);
        token.answer(value + token.value, slope + token.slope, clipped);
      }

      @Override public void report(Map<String, Metric> metrics) {
        first.report(metrics);
        second.report(metrics);
      }
    };
  }

  @Override public Term prepared(TokenBatch whole, RatioLevel level) {
    return new Joined(surrogate.prepared(whole, level), penalty.prepared(whole, level));
  }

  @Override public boolean isSolved() {
    return surrogate.isSolved() && penalty.isSolved();
  }

  @Override public Map<String, double[]> memory() {
    Map<String, double[]> memory = new HashMap<>(surrogate.memory());
    memory.putAll(penalty.memory());
    return memory;
  }

  @Override public Term remembering(Map<String, double[]> memory) {
    Map<String, double[]> first = new HashMap<>(memory), second = new HashMap<>(memory);
    first.keySet().retainAll(surrogate.memory().keySet());
    second.keySet().retainAll(penalty.memory().keySet());
    return new Joined(surrogate.remembering(first), penalty.remembering(second));
  }

  @Override public Term next(TokenBatch whole, Evaluation result) {
    return new Joined(surrogate.next(whole, result), penalty.next(whole, result));
  }

  @Override public boolean throughRatio() {
    return surrogate.throughRatio();
  }

  @Override public boolean readsRatio() {
    return surrogate.readsRatio() || penalty.readsRatio();
  }

  @Override public boolean clips() {
    return surrogate.clips();
  }

  @Override public boolean local() {
    return surrogate.local() || penalty.local();
  }
}
