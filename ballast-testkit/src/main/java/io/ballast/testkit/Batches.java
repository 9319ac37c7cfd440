package io.ballast.testkit;

import io.ballast.objective.Column;
import io.ballast.objective.StepTotals;
import io.ballast.objective.TokenBatch;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Random ragged batches for tests, and ways to cut and reorder them. Everything follows from the seed. */
public final class Batches {
  private Batches() {}

  /** A ragged batch of 10 sequences, one of them empty, with ratios spread by e^±0.3 and all optional columns. */
  public static TokenBatch random(long seed) {
    return random(seed, 10, 9, 0.3);
  }

  /**
   * A ragged batch with every optional column.
   *
   * @param sequences in groups of 2 to 4; the third is empty
   * @param longest longest sequence, tokens
   * @param spread standard deviation of logp − oldLogp, nats
   */
  public static TokenBatch random(long seed, int sequences, int longest, double spread) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] offsets = new int[sequences + 1], group = new int[sequences], ids = new int[sequences];
    for (int s = 0; s < sequences; s++) {
      offsets[s + 1] = offsets[s] + (s == 2 ? 0 : 1 + random.nextInt(longest));
      ids[s] = s;
      boolean newPrompt = s >= 2 && (s % 4 == 0 || s % 4 == 2 && random.nextBoolean());
      group[s] = s == 0 ? 7 : group[s - 1] + (newPrompt ? 1 : 0);
    }
    int tokens = offsets[sequences];
    double[] logp = new double[tokens], old = new double[tokens], advantage = new double[tokens];
    Map<String, double[]> columns = columns(tokens);
    for (int s = 0; s < sequences; s++) {
      double a = random.nextGaussian();
      for (int t = offsets[s]; t < offsets[s + 1]; t++) {
        logp[t] = negative(-1.2 * Math.abs(random.nextGaussian()));
        old[t] = negative(logp[t] + spread * random.nextGaussian());
        advantage[t] = a;
        columns.get(Column.BEHAVIOUR_LOGP)[t] = negative(old[t] + 0.2 * random.nextGaussian());
        columns.get(Column.REF_LOGP)[t] = negative(logp[t] + 0.4 * random.nextGaussian());
        columns.get(Column.ENTROPY)[t] = 0.02 + 2 * random.nextDouble();
        columns.get(Column.OLD_ENTROPY)[t] = columns.get(Column.ENTROPY)[t] * (1 + 0.06 * random.nextGaussian());
        columns.get(Column.VALUE)[t] = random.nextGaussian();
        columns.get(Column.TURN)[t] = (t - offsets[s]) / 4;
        columns.get(Column.SENTENCE)[t] = (t - offsets[s]) / 3;
      }
    }
    EngineColumns.add(columns, offsets, logp, old, seed);
    int prompts = (int) Arrays.stream(group).distinct().count();
    return new TokenBatch(offsets, group, ids, logp, old, advantage, columns,
        new StepTotals(sequences, tokens, prompts, longest + 3));
  }

  /**
   * A small batch from ratios, for cases worked by hand: oldLogp is −1 everywhere.
   *
   * @param ratio one row a sequence
   * @param advantage one a sequence
   */
  public static TokenBatch ratios(double[][] ratio, double... advantage) {
    int sequences = ratio.length;
    int[] offsets = new int[sequences + 1], group = new int[sequences], ids = new int[sequences];
    for (int s = 0; s < sequences; s++) {
      offsets[s + 1] = offsets[s] + ratio[s].length;
      ids[s] = s;
    }
    int tokens = offsets[sequences], longest = 1;
    double[] logp = new double[tokens], old = new double[tokens], advantages = new double[tokens];
    for (int s = 0; s < sequences; s++) {
      longest = Math.max(longest, ratio[s].length);
      for (int i = 0; i < ratio[s].length; i++) {
        int t = offsets[s] + i;
        old[t] = -1;
        logp[t] = -1 + Math.log(ratio[s][i]);
        advantages[t] = advantage[s];
      }
    }
    return new TokenBatch(offsets, group, ids, logp, old, advantages, Map.of(), new StepTotals(sequences, tokens, 1, longest));
  }

  private static Map<String, double[]> columns(int tokens) {
    Map<String, double[]> columns = new HashMap<>();
    for (String name : new String[] {Column.BEHAVIOUR_LOGP, Column.REF_LOGP, Column.ENTROPY, Column.OLD_ENTROPY, Column.VALUE,
        Column.TURN, Column.SENTENCE}) {
      columns.put(name, new double[tokens]);
    }
    return columns;
  }

  /** A log-probability is not above 0; a hair below, so that differences can be taken on both sides. */
  private static double negative(double logp) {
    return Math.min(logp, -1e-3);
  }

  /** The batch with advantages of its own for every token. */
  public static TokenBatch withTokenAdvantages(TokenBatch batch, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] advantage = new double[batch.tokens()];
    for (int t = 0; t < advantage.length; t++) advantage[t] = random.nextGaussian();
    return batch.withAdvantage(advantage);
  }

  /** The same batch on policy: oldLogp and behaviourLogp are logp. */
  public static TokenBatch onPolicy(TokenBatch batch) {
    Map<String, double[]> columns = new HashMap<>(batch.columns());
    columns.put(Column.BEHAVIOUR_LOGP, batch.logp());
    if (columns.containsKey(Column.ENTROPY)) columns.put(Column.OLD_ENTROPY, columns.get(Column.ENTROPY));
    return new TokenBatch(batch.offsets(), batch.group(), batch.ids(), batch.logp(), batch.logp(), batch.advantage(), columns, batch.step());
  }
}
