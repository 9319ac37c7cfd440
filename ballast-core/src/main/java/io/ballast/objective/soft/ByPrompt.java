package io.ballast.objective.soft;

import io.ballast.objective.TokenBatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/** The answers to each prompt among the sequences of a step; sequences without trained tokens say nothing and are left out. */
final class ByPrompt {
  private ByPrompt() {}

  /** One number a sequence, gathered by prompt. */
  static Map<Integer, double[]> gather(TokenBatch whole, IntToDoubleFunction ofSequence) {
    Map<Integer, List<Double>> byGroup = new LinkedHashMap<>();
    for (int s = 0; s < whole.sequences(); s++) {
      if (whole.length(s) > 0) byGroup.computeIfAbsent(whole.group()[s], g -> new ArrayList<>()).add(ofSequence.applyAsDouble(s));
    }
    Map<Integer, double[]> arrays = new LinkedHashMap<>();
    byGroup.forEach((group, values) -> arrays.put(group, values.stream().mapToDouble(Double::doubleValue).toArray()));
    return arrays;
  }

  /** The advantage of a whole answer: the mean over its tokens, exact where all are equal. */
  static double advantage(TokenBatch batch, int s) {
    int from = batch.offsets()[s], end = batch.offsets()[s + 1];
    double first = batch.advantage()[from], more = 0;
    for (int t = from; t < end; t++) more += batch.advantage()[t] - first;
    return first + more / (end - from);
  }

  /** Σ over the tokens of sequence s. */
  static double sum(TokenBatch batch, int s, double[] column) {
    double sum = 0;
    for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) sum += column[t];
    return sum;
  }

  /** ln Σ exp. */
  static double logSumExp(double[] values) {
    double max = Double.NEGATIVE_INFINITY;
    for (double v : values) max = Math.max(max, v);
    double sum = 0;
    for (double v : values) sum += Math.exp(v - max);
    return max + Math.log(sum);
  }
}
