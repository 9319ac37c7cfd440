package io.ballast.objective.soft;

import io.ballast.objective.Evaluation;
import io.ballast.objective.Kernel;
import io.ballast.objective.Metric;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Arrays;
import java.util.Map;

/** A penalty on some tokens only: value and slope times the selection's factor; the denominators count all tokens. */
public record Selected(Term penalty, Weighting selection) implements Term {

  @Override public boolean readsRatio() {
    return penalty.readsRatio();
  }

  @Override public boolean throughRatio() {
    return penalty.throughRatio();
  }

  @Override public boolean differentiatesEntropy() {
    return penalty.differentiatesEntropy();
  }

  @Override public boolean isSolved() {
    return penalty.isSolved() && selection.isSolved();
  }

  @Override public Term prepared(TokenBatch whole, RatioLevel level) {
    return new Selected(penalty.prepared(whole, level), selection.prepared(whole, level));
  }

  @Override public Map<String, double[]> memory() {
    return penalty.memory();
  }

  @Override public Term remembering(Map<String, double[]> memory) {
    return new Selected(penalty.remembering(memory), selection);
  }

  @Override public Term next(TokenBatch whole, Evaluation result) {
    return new Selected(penalty.next(whole, result), selection.next(whole, result));
  }

  @Override public Kernel on(TokenBatch batch) {
    double[] factor = new double[batch.tokens()];
    Arrays.fill(factor, 1);
    selection.multiply(batch, factor);
    Kernel kernel = penalty.on(batch);
    return new Kernel() {
      @Override public void apply(Token token) {
        kernel.apply(token);
        double f = factor[token.index];
        token.value *= f;
        token.slope *= f;
        token.entropySlope *= f;
      }

      @Override public void report(Map<String, Metric> metrics) {
        kernel.report(metrics);
      }
    };
  }
}
