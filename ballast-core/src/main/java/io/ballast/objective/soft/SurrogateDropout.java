package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Known;
import io.ballast.objective.Metric;
import io.ballast.objective.Quantile;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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
    Known<double[]> known = new Known<>(batch, scores);
    if (!perSign) {
      int drop = (int) Math.floor(rho * n);
      Mark last = last(batch, scores, drop);
      return new Solution(mean, last, last, (double) n / (n - drop), known);
    }
    double[] ups = scores.clone(), others = scores.clone();
    int positives = 0;
    for (int t = 0; t < n; t++) {
      boolean up = batch.advantage()[t] > 0;
      (up ? others : ups)[t] = Double.POSITIVE_INFINITY; // counts on its own side only
      if (up) positives++;
    }
    int dropUps = (int) Math.floor(rho * positives), dropOthers = (int) Math.floor(rho * (n - positives));
    return new Solution(mean, last(batch, ups, dropUps), last(batch, others, dropOthers), (double) n / (n - dropUps - dropOthers), known);
  }

  /** The last of the {@code drop} smallest. */
  private static Mark last(TokenBatch batch, double[] scores, int drop) {
    if (drop == 0) return Mark.NONE;
    double score = Quantile.kth(scores, drop - 1);
    int below = 0;
    for (double other : scores) below += other < score ? 1 : 0;
    return tied(batch, scores, score, drop - below);
  }

  /** The count-th of the tokens with exactly this score, by sequence and place. */
  private static Mark tied(TokenBatch batch, double[] scores, double score, int count) {
    List<Mark> ties = new ArrayList<>();
    for (int s = 0; s < batch.sequences(); s++) {
      int from = batch.offsets()[s], end = batch.offsets()[s + 1];
      for (int t = from; t < end; t++) {
        if (scores[t] == score) ties.add(new Mark(score, batch.ids()[s], t - from));
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
