package io.ballast.train;

import io.ballast.model.Details;
import io.ballast.model.Policy;
import io.ballast.model.TokenRows;
import io.ballast.objective.Column;
import io.ballast.verify.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Answers with what a method wants to know about the policy that sampled them, beyond the log-probability: written down while that policy
 * is still there, for no older version is kept.
 *
 * @param wanted names of the columns the method reads
 * @param hot, cold temperatures of {@link Column#HOT_OLD_LOGP} and {@link Column#COLD_OLD_LOGP}, relative to the sampling temperature
 * @param greedyReward score of the greedy answer to each of some tasks
 */
record RecordedAnswers(Answers answers, Policy policy, double temperature, Set<String> wanted, double hot, double cold,
    Function<List<Task>, double[]> greedyReward) implements Answers {
  /** Columns recorded at sampling. */
  static final Set<String> COLUMNS = Set.of(Column.OLD_ENTROPY, Column.SAMPLING_LOGP, Column.HOT_OLD_LOGP, Column.COLD_OLD_LOGP,
      Column.BEHAVIOUR_TOP_LOGP, Column.GREEDY_REWARD);
  /** [n · k] ids behind {@link Column#BEHAVIOUR_TOP_LOGP}; kept for asking the policy about the same tokens later. */
  static final String TOP_TOKENS = "behaviourTopToken";
  /** Likeliest tokens recorded per position. */
  static final int TOP = 20;

  @Override public List<Trajectory> write(List<Task> tasks, long firstVisit, int version, List<Trajectory> begun, double share) {
    List<Trajectory> sampled = answers.write(tasks, firstVisit, version, begun, share);
    if (wanted.stream().noneMatch(COLUMNS::contains)) return sampled;
    TokenRows rows = Learner.rows(sampled);
    Map<String, double[]> columns = new LinkedHashMap<>();
    if (wants(Column.OLD_ENTROPY) || wants(Column.SAMPLING_LOGP)) {
      var scores = policy.score(rows, temperature);
      columns.put(Column.OLD_ENTROPY, scores.entropy());
      columns.put(Column.SAMPLING_LOGP, scores.logp());
    }
    if (wants(Column.HOT_OLD_LOGP)) columns.put(Column.HOT_OLD_LOGP, policy.score(rows, temperature * hot).logp());
    if (wants(Column.COLD_OLD_LOGP)) columns.put(Column.COLD_OLD_LOGP, policy.score(rows, temperature * cold).logp());
    if (wants(Column.BEHAVIOUR_TOP_LOGP)) {
      Details details = policy.details(rows, temperature, TOP);
      columns.put(Column.BEHAVIOUR_TOP_LOGP, details.topLogp());
      columns.put(TOP_TOKENS, Arrays.stream(details.topToken()).asDoubleStream().toArray());
    }
    if (wants(Column.GREEDY_REWARD)) {
      double[] perTask = greedyReward.apply(tasks);
      double[] column = new double[rows.trainedTokens()];
      int at = 0;
      for (Trajectory t : sampled) Arrays.fill(column, at, at += t.length(), perTask[(int) (t.group() - firstVisit)]);
      columns.put(Column.GREEDY_REWARD, column);
    }
    return spread(sampled, columns, rows.trainedTokens());
  }

  private boolean wants(String column) {
    return wanted.contains(column);
  }

  /** Hands each trajectory its stretch of every column. */
  private static List<Trajectory> spread(List<Trajectory> sampled, Map<String, double[]> columns, int tokens) {
    List<Trajectory> recorded = new ArrayList<>(sampled.size());
    int from = 0;
    for (Trajectory t : sampled) {
      int start = from, end = from + t.length();
      Map<String, double[]> own = new LinkedHashMap<>(t.recorded());
      columns.forEach((name, values) -> {
        int width = values.length / tokens;
        own.put(name, Arrays.copyOfRange(values, start * width, end * width));
      });
      recorded.add(t.recording(own));
      from = end;
    }
    return recorded;
  }
}
