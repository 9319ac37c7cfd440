package io.ballast.testkit;

import io.ballast.objective.Column;
import java.util.Map;
import java.util.SplittableRandom;

/** Random columns of the kind that only an engine can supply: rewards, critics, whole distributions, hidden states. */
final class EngineColumns {
  private EngineColumns() {}

  /** Width of the columns of likeliest tokens, and of the hidden state. */
  private static final int TOP = 3, HIDDEN = 2, VOCABULARY = 8;

  static void add(Map<String, double[]> columns, int[] offsets, double[] logp, double[] oldLogp, long seed) {
    SplittableRandom random = new SplittableRandom(seed ^ 0x5DEECE66DL);
    int tokens = logp.length;
    columns.put(Column.REWARD, perSequence(offsets, random));
    for (String name : new String[] {Column.RETURNS, Column.OLD_VALUE, Column.SECOND_VALUE, Column.MEDIAN}) {
      columns.put(name, random.doubles(tokens, -1, 1).toArray());
    }
    columns.put(Column.KL_OLD, random.doubles(tokens, 0, 0.2).toArray());
    columns.put(Column.HOT_OLD_LOGP, scaled(oldLogp, 1 / 1.2));
    columns.put(Column.COLD_OLD_LOGP, scaled(oldLogp, 1 / 0.8));
    for (String name : new String[] {Column.TILTED_REF_LOGP, Column.TEACHER_LOGP, Column.WEAK_TEACHER_LOGP}) {
      columns.put(name, shifted(logp, random));
    }
    double[] behaviourTop = top(tokens, random), top = top(tokens, random);
    columns.put(Column.BEHAVIOUR_TOP_LOGP, behaviourTop);
    columns.put(Column.LOGP_AT_BEHAVIOUR_TOP, shifted(behaviourTop, random));
    columns.put(Column.TOP_LOGP, top);
    columns.put(Column.TOP_TOKEN, ids(tokens, random));
    columns.put(Column.TOKEN, random.ints(tokens, 0, VOCABULARY).asDoubleStream().toArray());
    columns.put(Column.HIDDEN, random.doubles((long) tokens * HIDDEN, -1, 1).toArray());
  }

  private static double[] perSequence(int[] offsets, SplittableRandom random) {
    double[] out = new double[offsets[offsets.length - 1]];
    for (int s = 0; s + 1 < offsets.length; s++) {
      double reward = random.nextInt(5) / 4.0;
      for (int t = offsets[s]; t < offsets[s + 1]; t++) out[t] = reward;
    }
    return out;
  }

  private static double[] scaled(double[] values, double by) {
    double[] out = values.clone();
    for (int i = 0; i < out.length; i++) out[i] *= by;
    return out;
  }

  /** Log-probabilities near the given ones: lowered, so that they still sum to less than one. */
  private static double[] shifted(double[] values, SplittableRandom random) {
    double[] out = values.clone();
    for (int i = 0; i < out.length; i++) out[i] -= 0.4 * random.nextDouble();
    return out;
  }

  /** Falling log-probabilities whose sum is below one. */
  private static double[] top(int tokens, SplittableRandom random) {
    double[] out = new double[tokens * TOP];
    for (int t = 0; t < tokens; t++) {
      double left = 0.9;
      for (int j = 0; j < TOP; j++) {
        double p = left * (0.5 + 0.3 * random.nextDouble());
        out[t * TOP + j] = Math.log(p);
        left -= p;
      }
    }
    return out;
  }

  private static double[] ids(int tokens, SplittableRandom random) {
    double[] out = new double[tokens * TOP];
    for (int t = 0; t < tokens; t++) {
      int first = random.nextInt(VOCABULARY);
      for (int j = 0; j < TOP; j++) out[t * TOP + j] = (first + j) % VOCABULARY;
    }
    return out;
  }
}
