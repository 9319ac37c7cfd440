package io.ballast.cli;

import io.ballast.objective.Column;
import io.ballast.objective.StepTotals;
import io.ballast.objective.TokenBatch;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/** An optimizer step of random numbers: ragged sequences in groups of {@value #GROUP}, the numbers of a sequence a function of its number alone. */
record RandomStep(int tokens, int sequences) {
  private static final int GROUP = 8;

  RandomStep {
    if (sequences < 1) throw new IllegalArgumentException("sequences must be at least 1, got " + sequences);
    if (tokens < sequences) throw new IllegalArgumentException("tokens must be at least sequences (%d), got %d".formatted(sequences, tokens));
  }

  /** Sequences [from, to) of the step, with the given optional columns. */
  TokenBatch part(List<String> columns, int from, int to) {
    int[] offsets = new int[to - from + 1], group = new int[to - from], ids = new int[to - from];
    for (int s = from; s < to; s++) {
      offsets[s - from + 1] = offsets[s - from] + start(s + 1) - start(s);
      group[s - from] = s / GROUP;
      ids[s - from] = s;
    }
    int n = offsets[to - from];
    double[] logp = new double[n], old = new double[n], advantage = new double[n];
    Map<String, double[]> extra = new HashMap<>();
    for (String name : columns) extra.put(name, new double[n]);
    for (int s = from; s < to; s++) {
      var random = new SplittableRandom(s);
      double a = random.nextGaussian(), shared = random.nextDouble();
      for (int t = offsets[s - from]; t < offsets[s - from + 1]; t++) {
        old[t] = -random.nextExponential();
        logp[t] = Math.min(-1e-9, old[t] + 0.15 * random.nextGaussian());
        advantage[t] = a;
        int place = t - offsets[s - from];
        for (var column : extra.entrySet()) column.getValue()[t] = value(column.getKey(), old[t], place, shared, random);
      }
    }
    return new TokenBatch(offsets, group, ids, logp, old, advantage, extra, new StepTotals(sequences, tokens, (sequences + GROUP - 1) / GROUP, longest()));
  }

  /**
   * A number such as the column of that name holds.
   *
   * @param shared in [0, 1), for columns that hold the same number for all tokens of a sequence
   */
  private static double value(String column, double old, int place, double shared, SplittableRandom random) {
    if (column.toLowerCase(Locale.ROOT).endsWith("logp")) return Math.min(-1e-9, old + 0.1 * random.nextGaussian());
    return switch (column) {
      case Column.TURN, Column.SENTENCE -> place / 32;
      case Column.REWARD, Column.GREEDY_REWARD -> shared;
      case Column.EXPERT -> Math.rint(shared);
      default -> random.nextDouble();
    };
  }

  /** Where sequence s begins: lengths alternate between half and one and a half times the mean. */
  private int start(int s) {
    long even = (long) tokens * s / sequences;
    return (int) (s % 2 == 1 && s < sequences ? even - tokens / sequences / 2 : even);
  }

  private int longest() {
    int longest = 1;
    for (int s = 0; s < sequences; s++) longest = Math.max(longest, start(s + 1) - start(s));
    return longest;
  }
}
