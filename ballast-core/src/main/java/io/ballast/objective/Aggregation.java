package io.ballast.objective;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * How token terms become one number: L = Σ_t w_t ℓ_t, where all tokens of a sequence have the same weight. Denominators are those of
 * the whole optimizer step ({@link StepTotals}), so that splitting a step changes nothing.
 */
public sealed interface Aggregation {

  /** The weight of each token of sequence s, [S]; 0 for a sequence without tokens. */
  double[] weights(TokenBatch batch);

  /** This aggregation with what it needs of the whole step fixed. */
  default Aggregation prepared(TokenBatch whole) {
    return this;
  }

  /** Whether the result depends, by definition, on the micro-batch a sequence stands in. */
  default boolean local() {
    return false;
  }

  /** w = 1/T, every token of the step alike. */
  record TokenMean() implements Aggregation {
    @Override public double[] weights(TokenBatch batch) {
      return each(batch, s -> 1.0 / batch.step().tokens());
    }
  }

  /** w = 1/(S·|s|), every sequence alike. */
  record SeqMeanTokenMean() implements Aggregation {
    @Override public double[] weights(TokenBatch batch) {
      return each(batch, s -> 1.0 / batch.step().sequences() / batch.length(s));
    }
  }

  /** w = 1/S: the mean over sequences of the sum over tokens. */
  record SeqMeanTokenSum() implements Aggregation {
    @Override public double[] weights(TokenBatch batch) {
      return each(batch, s -> 1.0 / batch.step().sequences());
    }
  }

  /**
   * w = 1/(S·L), L a constant of the run.
   *
   * @param maxLength L; empty: the longest answer allowed, {@link StepTotals#maxLength}
   */
  record Constant(OptionalInt maxLength) implements Aggregation {
    public Constant {
      if (maxLength.isPresent()) Check.atLeast("max-length", maxLength.getAsInt(), 1);
    }

    @Override public double[] weights(TokenBatch batch) {
      int length = maxLength.orElse(batch.step().maxLength());
      return each(batch, s -> 1.0 / batch.step().sequences() / length);
    }
  }

  /**
   * w = (S_m/S)/T_m with S_m sequences and T_m tokens in the micro-batch m that is evaluated: a mean over micro-batches of their token
   * means, as older trainers compute it. With one micro-batch it is {@link TokenMean}.
   */
  record TokenMeanLocal() implements Aggregation {
    @Override public double[] weights(TokenBatch batch) {
      double share = (double) batch.sequences() / batch.step().sequences();
      return each(batch, s -> share / batch.tokens());
    }

    @Override public boolean local() {
      return true;
    }
  }

  /**
   * w = 1/(P·T_p), T_p the tokens of all answers to prompt p: every prompt alike.
   *
   * @param tokens T_p by prompt over the whole step; null: counted on the batch that is evaluated
   */
  record PromptMean(@Nullable Map<Integer, Long> tokens) implements Aggregation {
    public PromptMean() {
      this(null);
    }

    @Override public PromptMean prepared(TokenBatch whole) {
      return new PromptMean(count(whole));
    }

    @Override public double[] weights(TokenBatch batch) {
      Map<Integer, Long> count = tokens == null ? count(batch) : tokens;
      return each(batch, s -> 1.0 / batch.step().prompts() / count.get(batch.group()[s]));
    }

    private static Map<Integer, Long> count(TokenBatch batch) {
      Map<Integer, Long> count = new HashMap<>();
      for (int s = 0; s < batch.sequences(); s++) count.merge(batch.group()[s], (long) batch.length(s), Long::sum);
      return count;
    }
  }

  /** Names of the setting {@code aggregation}, those of every method first. */
  List<String> NAMES = List.of(
      "token-mean", "seq-mean-token-mean", "seq-mean-token-sum", "constant", "token-mean-local", "prompt-mean");

  /** The aggregation of that name. */
  static Aggregation named(String name, OptionalInt maxLength) {
    return switch (name) {
      case "token-mean" -> new TokenMean();
      case "seq-mean-token-mean" -> new SeqMeanTokenMean();
      case "seq-mean-token-sum" -> new SeqMeanTokenSum();
      case "constant" -> new Constant(maxLength);
      case "token-mean-local" -> new TokenMeanLocal();
      case "prompt-mean" -> new PromptMean();
      default -> throw new IllegalArgumentException("unknown aggregation \"%s\"; allowed: %s".formatted(name, NAMES));
    };
  }

  private static double[] each(TokenBatch batch, IntToDoubleFunction weight) {
    double[] weights = new double[batch.sequences()];
    for (int s = 0; s < weights.length; s++) weights[s] = batch.length(s) == 0 ? 0 : weight.applyAsDouble(s);
    return weights;
  }
}
