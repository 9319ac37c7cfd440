package io.ballast.objective;

import java.util.HashMap;
import java.util.Map;

/**
 * The trained tokens of one step or of a part of it, end to end: no padding, no mask, no prompt.
 * Sequence s owns tokens [offsets[s], offsets[s + 1]). Log-probabilities and entropies are in nats.
 *
 * <p>Whoever builds a batch gives its arrays away; nobody writes to them afterwards.
 *
 * @param offsets [S + 1], from 0 to T, never decreasing
 * @param group [S], the prompt each sequence answers; equal numbers share a prompt
 * @param ids [S], the number of each sequence within the whole step: it seeds random choices, so that they
 *     do not depend on how the step was split
 * @param logp [T], log π_θ of each token under the policy being trained
 * @param oldLogp [T], under the policy the ratio is taken against (the proximal policy)
 * @param advantage [T], constant: it carries no gradient
 * @param columns optional columns by their camelCase name, see {@link Column}; [T] or [T · k]
 * @param step totals of the whole optimizer step
 */
public record TokenBatch(
    int[] offsets,
    int[] group,
    int[] ids,
    double[] logp,
    double[] oldLogp,
    double[] advantage,
    Map<String, double[]> columns,
    StepTotals step) {

  public TokenBatch {
    columns = Map.copyOf(columns);
    int sequences = offsets.length - 1;
    if (sequences < 0 || offsets[0] != 0) {
      throw new IllegalArgumentException("offsets must start with 0 and have one entry more than there are sequences");
    }
    for (int s = 0; s < sequences; s++) {
      if (offsets[s + 1] < offsets[s]) {
        throw new IllegalArgumentException("sequence %d: offsets must not decrease, got %d after %d"
            .formatted(s, offsets[s + 1], offsets[s]));
      }
    }
    int tokens = offsets[sequences];
    length("group", group.length, sequences, "sequences");
    length("ids", ids.length, sequences, "sequences");
    length("logp", logp.length, tokens, "tokens");
    length("oldLogp", oldLogp.length, tokens, "tokens");
    length("advantage", advantage.length, tokens, "tokens");
    finite("logp", logp, 1, offsets);
    finite("oldLogp", oldLogp, 1, offsets);
    finite("advantage", advantage, 1, offsets);
    for (var column : columns.entrySet()) {
      int size = column.getValue().length;
      if (tokens == 0 ? size != 0 : size == 0 || size % tokens != 0) {
        throw new IllegalArgumentException("%s has %d values, the batch has %d tokens; a column holds the same number for every token"
            .formatted(column.getKey(), size, tokens));
      }
      finite(column.getKey(), column.getValue(), tokens == 0 ? 1 : size / tokens, offsets);
    }
  }

  /** Number of sequences S, empty ones included. */
  public int sequences() {
    return offsets.length - 1;
  }

  /** Number of trained tokens T in this batch. */
  public int tokens() {
    return offsets[offsets.length - 1];
  }

  /** Trained tokens of sequence s. */
  public int length(int s) {
    return offsets[s + 1] - offsets[s];
  }

  /**
   * logp_t − oldLogp_t, held within ±{@value #MAX_LOG_RATIO} so that its exponential stays finite; a no-op for
   * real data. Beyond the bound the ratio is a constant.
   */
  public double logRatio(int t) {
    double d = logp[t] - oldLogp[t];
    return d > MAX_LOG_RATIO ? MAX_LOG_RATIO : d < -MAX_LOG_RATIO ? -MAX_LOG_RATIO : d;
  }

  /** ρ_t = exp(logp_t − oldLogp_t), the importance ratio of token t. */
  public double ratio(int t) {
    return Math.exp(logRatio(t));
  }

  public boolean has(String column) {
    return columns.containsKey(column);
  }

  /**
   * An optional column.
   *
   * @throws MissingColumnException if this batch does not carry it, naming it
   */
  public double[] column(String name) {
    double[] values = columns.get(name);
    if (values == null) throw new MissingColumnException(name);
    return values;
  }

  /** The sampler's log-probabilities; {@code oldLogp} where the batch has no column of their own. */
  public double[] behaviourLogp() {
    return columns.getOrDefault(Column.BEHAVIOUR_LOGP, oldLogp);
  }

  /** This batch with other advantages. */
  public TokenBatch withAdvantage(double[] other) {
    return other == advantage ? this : new TokenBatch(offsets, group, ids, logp, oldLogp, other, columns, step);
  }

  /** This batch under another current policy. */
  public TokenBatch withLogp(double[] other) {
    return other == logp ? this : new TokenBatch(offsets, group, ids, other, oldLogp, advantage, columns, step);
  }

  /** This batch with its ratios taken against another policy. */
  public TokenBatch withOldLogp(double[] other) {
    return other == oldLogp ? this : new TokenBatch(offsets, group, ids, logp, other, advantage, columns, step);
  }

  /** This batch with one more column, or with that column replaced. */
  public TokenBatch withColumn(String name, double[] values) {
    Map<String, double[]> more = new HashMap<>(columns);
    more.put(name, values);
    return new TokenBatch(offsets, group, ids, logp, oldLogp, advantage, more, step);
  }

  /** Some sequences of this batch, in the given order, with the totals of the whole step: a micro-batch, or a reordering. */
  public TokenBatch part(int... sequences) {
    int[] from = new int[sequences.length + 1], prompts = new int[sequences.length], numbers = new int[sequences.length];
    for (int i = 0; i < sequences.length; i++) {
      from[i + 1] = from[i] + length(sequences[i]);
      prompts[i] = group[sequences[i]];
      numbers[i] = ids[sequences[i]];
    }
    Map<String, double[]> some = new HashMap<>();
    columns.forEach((name, values) -> some.put(name, slice(values, sequences)));
    return new TokenBatch(from, prompts, numbers, slice(logp, sequences), slice(oldLogp, sequences), slice(advantage, sequences), some, step);
  }

  /** The values of some sequences, end to end. */
  public double[] slice(double[] values, int... sequences) {
    int width = tokens() == 0 ? 1 : values.length / tokens(), total = 0;
    for (int s : sequences) total += length(s) * width;
    double[] out = new double[total];
    int at = 0;
    for (int s : sequences) {
      int n = length(s) * width;
      System.arraycopy(values, offsets[s] * width, out, at, n);
      at += n;
    }
    return out;
  }

  /** Bound of {@link #logRatio}: e^20 is about 5·10^8, far beyond any ratio a trust region lets through. */
  public static final double MAX_LOG_RATIO = 20;

  private static void length(String name, int given, int wanted, String of) {
    if (given != wanted) {
      throw new IllegalArgumentException("%s has %d values, the batch has %d %s".formatted(name, given, wanted, of));
    }
  }

  private static void finite(String name, double[] values, int width, int[] offsets) {
    double even = 0, odd = 0; // x − x is 0 for every finite x and NaN otherwise
    int n = values.length & ~1;
    for (int i = 0; i < n; i += 2) {
      even += values[i] - values[i];
      odd += values[i + 1] - values[i + 1];
    }
    if (even + odd == 0 && (n == values.length || Double.isFinite(values[n]))) return;
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        int token = i / width, s = 0;
        while (offsets[s + 1] <= token) s++;
        throw new IllegalArgumentException("sequence %d, token %d: %s is %s; it must be a finite number"
            .formatted(s, token - offsets[s], name, values[i]));
      }
    }
  }
}
