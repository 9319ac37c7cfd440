package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Known;
import io.ballast.objective.Metric;
import io.ballast.objective.Quantile;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * D-PPO's dropout, as we read it: the tokens whose surrogate correlates least with the batch's are dropped, and the mean is taken
 * over those that stay.
 *
 * <pre>
 *   X_t = x_t A_t,   score_t = X_t · mean(X)         detached
 *   drop the ⌊rho n⌋ smallest scores of n tokens; no drop while |mean(X)| &lt; 1e-8
 *   factor = n / (n − dropped) on the others, so that a token mean becomes the mean over survivors
 * </pre>
 * Ties are broken by the number of the sequence in the step and the token's place in it. Everything is solved over the whole step.
 *
 * @param rho share of tokens dropped
 * @param perSign whether tokens with A &gt; 0 and the others are thinned separately, so that neither sign can be emptied
 * @param solved null: solved on the batch that is evaluated
 * @see <a href="https://arxiv.org/abs/2310.20380">Dropout Strategy in Reinforcement Learning</a>; score and rate are a reconstruction
 */
public record SurrogateDropout(double rho, boolean perSign, @Nullable Solution solved) implements Weighting {
  private static final double NO_SIGNAL = 1e-8;

  public SurrogateDropout {
    Check.within("rho", rho, 0, 1 - 1e-9);
  }

  public SurrogateDropout(double rho, boolean perSign) {
    this(rho, perSign, null);
  }

  /**
   * The last token dropped of each sign, in the order of (score, sequence, place); everything up to it is dropped.
   *
   * @param scores of the batch it was solved on, [T]
   */
  public record Solution(double mean, Mark positive, Mark negative, double factor, Known<double[]> scores) {}

  /** A place in the order of tokens. */
  public record Mark(double score, int id, int place) {
    static final Mark NONE = new Mark(Double.NEGATIVE_INFINITY, -1, -1);

    boolean drops(double otherScore, int otherId, int otherPlace) {
      if (otherScore != score) return otherScore < score;
      return otherId != id ? otherId < id : otherPlace <= place;
    }
  }

  @Override public boolean isSolved() {
    return solved != null;
  }

  @Override public Weighting prepared(TokenBatch whole, RatioLevel level) {
    return new SurrogateDropout(rho, perSign, solve(whole));
  }

  /** X_t, [T]. */
  private static double[] surrogates(TokenBatch batch) {
    double[] x = new double[batch.tokens()];
    for (int t = 0; t < x.length; t++) x[t] = batch.ratio(t) * batch.advantage()[t];
    return x;
  }

  private static double[] scores(TokenBatch batch, double mean) {
    double[] scores = surrogates(batch);
    for (int t = 0; t < scores.length; t++) scores[t] *= mean;
    return scores;
  }

  private Solution solve(TokenBatch batch) {
    double[] scores = surrogates(batch);
    int n = scores.length;
    double mean = 0;
    for (double x : scores) mean += x / n;
    for (int t = 0; t < n; t++) scores[t] *= mean;
    if (Math.abs(mean) < NO_SIGNAL) return new Solution(mean, Mark.NONE, Mark.NONE, 1, new Known<>(batch, scores));
    int[] dropped = new int[1];
    Mark negative = last(batch, scores, token -> !perSign || batch.advantage()[token] <= 0, dropped);
    Mark positive = perSign ? last(batch, scores, token -> batch.advantage()[token] > 0, dropped) : negative;
    return new Solution(mean, positive, negative, (double) n / (n - dropped[0]), new Known<>(batch, scores));
  }

  /** The last of the ⌊rho n⌋ smallest among n tokens; adds their number to dropped. */
  private Mark last(TokenBatch batch, double[] scores, IntPredicate among, int[] dropped) {
    double[] some = new double[scores.length];
    int n = 0;
    for (int t = 0; t < scores.length; t++) {
      if (among.test(t)) some[n++] = scores[t];
    }
    int drop = (int) Math.floor(rho * n);
    if (drop == 0) return Mark.NONE;
    dropped[0] += drop;
    some = Arrays.copyOf(some, n);
    double score = Quantile.kth(some, drop - 1);
    int below = 0;
    for (double other : some) {
      if (other < score) below++;
    }
    return tied(batch, scores, among, score, drop - below);
  }

  /** The count-th of the tokens with exactly this score, by sequence and place. */
  private static Mark tied(TokenBatch batch, double[] scores, IntPredicate among, double score, int count) {
    List<Mark> ties = new ArrayList<>();
    for (int s = 0; s < batch.sequences(); s++) {
      for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) {
        if (scores[t] == score && among.test(t)) ties.add(new Mark(score, batch.ids()[s], t - batch.offsets()[s]));
      }
    }
    ties.sort(Comparator.comparingInt(Mark::id).thenComparingInt(Mark::place));
    return ties.get(count - 1);
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    Solution solution = solved == null ? solve(batch) : solved;
    double[] scores = solution.scores.on(batch, part -> scores(part, solution.mean));
    long dropped = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      int from = batch.offsets()[s], id = batch.ids()[s];
      for (int t = from; t < batch.offsets()[s + 1]; t++) {
        Mark mark = batch.advantage()[t] > 0 ? solution.positive : solution.negative;
        boolean drops = mark.drops(scores[t], id, t - from);
        factor[t] *= drops ? 0 : solution.factor;
        dropped += drops ? 1 : 0;
      }
    }
    metrics.put("dropped-fraction", new Metric.Mean(dropped, batch.tokens()));
  }
}
