package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.objective.StepTotals;
import io.ballast.objective.TokenBatch;
import java.util.Arrays;
import java.util.Map;

/** Batches small enough to work out on paper. */
final class Hand {
  private Hand() {}

  /** One token with this ratio and advantage; its old probability is e^−1. */
  static TokenBatch token(double ratio, double advantage) {
    return tokens(new double[] {Math.log(ratio) - 1}, new double[] {-1}, new double[] {advantage});
  }

  /** One sequence. */
  static TokenBatch tokens(double[] logp, double[] oldLogp, double[] advantage) {
    int n = logp.length;
    return new TokenBatch(new int[] {0, n}, new int[1], new int[1], logp, oldLogp, advantage, Map.of(), new StepTotals(1, n, 1, n));
  }

  /** Answers of one token each to one prompt, on policy at the given log-probabilities. */
  static TokenBatch answers(double[] logp, double[] advantage) {
    int n = logp.length;
    int[] offsets = new int[n + 1], ids = new int[n];
    Arrays.setAll(offsets, i -> i);
    Arrays.setAll(ids, i -> i);
    return new TokenBatch(offsets, new int[n], ids, logp, logp.clone(), advantage, Map.of(), new StepTotals(n, n, 1, 1));
  }

  /** Evaluates a method at these settings. */
  static Evaluation evaluate(String method, Map<String, Object> settings, TokenBatch batch) {
    return Methods.named(method).assemble(settings).objective().evaluate(batch);
  }

  /** Asserts J and dJ/dlogp of one token, to half a unit of the last of four digits. */
  static void expect(String method, Map<String, Object> settings, double ratio, double advantage, double value, double gradient) {
    Evaluation result = evaluate(method, settings, token(ratio, advantage));
    assertThat(-result.loss()).as("J of %s at r = %s, A = %s", method, ratio, advantage).isCloseTo(value, within(5.1e-5));
    assertThat(-result.dlogp()[0]).as("dJ/dlogp of %s at r = %s, A = %s", method, ratio, advantage).isCloseTo(gradient, within(5.1e-5));
  }
}
