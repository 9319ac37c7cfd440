package io.ballast.objective;

import java.util.HashMap;
import java.util.Map;

/**
 * A term whose tokens count with a detached factor: a penalty that follows a weighting of the policy term, where that weighting stands
 * for the aggregation, or a penalty on some tokens only. Metrics and denominators stay as they are.
 *
 * <pre>   J_t = f_t · term_t</pre>
 */
public record Weighed(Term term, Weighting weighting) implements Term {

  @Override public Kernel on(TokenBatch batch) {
    Kernel kernel = term.on(batch);
    double[] factor = factors(batch);
    return new Kernel() {
      @Override public void apply(Token token) {
        kernel.apply(token);
        token.scale(factor[token.index]);
      }

      @Override public void report(Map<String, Metric> metrics) {
        kernel.report(metrics);
      }
    };
  }

  /** f, [T]. */
  double[] factors(TokenBatch batch) {
    return weighting.factors(batch, new HashMap<>());
  }

  @Override public Term prepared(TokenBatch whole, RatioLevel level) {
    return new Weighed(term.prepared(whole, level), weighting.prepared(whole, level));
  }

  @Override public boolean isSolved() {
    return term.isSolved() && weighting.isSolved();
  }

  @Override public Map<String, double[]> memory() {
    Map<String, double[]> memory = new HashMap<>(term.memory());
    memory.putAll(weighting.memory());
    return memory;
  }

  @Override public Term remembering(Map<String, double[]> memory) {
    Map<String, double[]> first = new HashMap<>(memory), second = new HashMap<>(memory);
    first.keySet().retainAll(term.memory().keySet());
    second.keySet().retainAll(weighting.memory().keySet());
    return new Weighed(term.remembering(first), weighting.remembering(second));
  }

  @Override public Term next(TokenBatch whole, Evaluation result) {
    return new Weighed(term.next(whole, result), weighting.next(whole, result));
  }

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

  @Override public boolean local() {
    return term.local();
  }
}
