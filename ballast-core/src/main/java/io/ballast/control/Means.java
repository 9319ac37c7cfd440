package io.ballast.control;

import io.ballast.objective.Column;
import io.ballast.objective.TokenBatch;

/** Averages of a step that controllers feed on; 0 over nothing. */
final class Means {
  private Means() {}

  static double ofTokens(double[] values) {
    double sum = 0;
    for (double value : values) sum += value;
    return values.length == 0 ? 0 : sum / values.length;
  }

  /** Mean over tokens of −logp under the proximal policy: the sampled estimate of its entropy. */
  static double sampledEntropy(double[] logp) {
    return logp.length == 0 ? 0 : -ofTokens(logp);
  }

  /** Token mean of logp − refLogp. */
  static double klToReference(TokenBatch batch) {
    double[] ref = batch.column(Column.REF_LOGP);
    double sum = 0;
    for (int t = 0; t < batch.tokens(); t++) sum += batch.logp()[t] - ref[t];
    return batch.tokens() == 0 ? 0 : sum / batch.tokens();
  }

  /** Mean over the sequences that have tokens of a column that is the same throughout a sequence. */
  static double ofSequences(TokenBatch batch, double[] column) {
    double sum = 0;
    int counted = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      if (batch.length(s) == 0) continue;
      sum += column[batch.offsets()[s]];
      counted++;
    }
    return counted == 0 ? 0 : sum / counted;
  }
}
