package io.ballast.train;

import io.ballast.model.Details;
import io.ballast.model.Policy;
import io.ballast.model.TokenRows;
import io.ballast.objective.Column;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The columns of a token batch that a method reads beyond log-probabilities and entropy, and where they come from. */
final class TokenColumns {
  private static final Set<String> OWN = Set.of(Column.BEHAVIOUR_LOGP, Column.ENTROPY, Column.REF_LOGP, Column.TEACHER_LOGP, Column.TURN, Column.SENTENCE,
      Column.REWARD, Column.TURN_REWARD, Column.RETURNS, Column.STALENESS, Column.TOKEN, Column.TOP_LOGP, Column.TOP_TOKEN, Column.HIDDEN,
      Column.LOGP_AT_BEHAVIOUR_TOP, Column.VALUE, Column.SECOND_VALUE, Column.MEDIAN, Column.OLD_VALUE, Column.EXPERT, Column.EWMA_LOGP,
      Column.WEAK_TEACHER_LOGP, Column.TILTED_REF_LOGP, Column.KL_OLD);

  private final Set<String> wanted;
  private final Policy policy;
  private final Companions companions;
  private final DoubleUnaryOperator power;
  private final Critic critic;
  private final double temperature;
  private final SentenceNumbers sentences;

  /**
   * @param wanted what the method reads
   * @param power φ(reward) of {@link Column#TILTED_REF_LOGP}
   */
  TokenColumns(Set<String> wanted, Policy policy, Companions companions, DoubleUnaryOperator power, Critic critic, double temperature,
      SentenceNumbers sentences) {
    this.wanted = wanted;
    this.policy = policy;
    this.companions = companions;
    this.power = power;
    this.critic = critic;
    this.temperature = temperature;
    this.sentences = sentences;
  }

  /** Refuses what training cannot supply, by name. */
  static void check(Iterable<String> columns) {
    var missing = new TreeSet<String>();
    columns.forEach(missing::add);
    missing.removeAll(OWN);
    missing.removeAll(RecordedAnswers.COLUMNS);
    if (missing.isEmpty()) return;
    throw new IllegalArgumentException("the method needs %s of every token, which training does not supply; with probe it can be evaluated on numbers"
        .formatted(String.join(", ", missing)));
  }

  /** The wanted columns of some trajectories for a policy at {@code version}. */
  Map<String, double[]> of(List<Trajectory> part, TokenRows rows, int version) {
    Map<String, double[]> columns = new LinkedHashMap<>();
    for (String name : RecordedAnswers.COLUMNS) if (wanted.contains(name)) columns.put(name, recorded(part, name));
    scored(columns, Column.REF_LOGP, companions.reference(), rows);
    scored(columns, Column.EWMA_LOGP, companions.average(), rows);
    scored(columns, Column.TEACHER_LOGP, companions.teacher(), rows);
    scored(columns, Column.WEAK_TEACHER_LOGP, companions.weakTeacher(), rows);
    if (wanted.contains(Column.TILTED_REF_LOGP)) columns.put(Column.TILTED_REF_LOGP, tilted(part, companions.reference()));
    if (wanted.contains(Column.KL_OLD)) columns.put(Column.KL_OLD, fromSamplers(part));
    for (String name : List.of(Column.REWARD, Column.TURN_REWARD, Column.RETURNS)) put(columns, name, part, Trajectory::reward);
    put(columns, Column.TURN, part, _ -> 0);
    put(columns, Column.EXPERT, part, _ -> 0);
    if (wanted.contains(Column.SENTENCE)) columns.put(Column.SENTENCE, join(part, sentences::of));
    if (wanted.contains(Column.TOKEN)) columns.put(Column.TOKEN, join(part, t -> Arrays.stream(t.tokens()).asDoubleStream().toArray()));
    if (wanted.contains(Column.STALENESS)) columns.put(Column.STALENESS, join(part, t -> Arrays.stream(t.version()).mapToDouble(v -> version - v).toArray()));
    if (wanted.contains(Column.OLD_VALUE)) columns.put(Column.OLD_VALUE, recorded(part, Column.OLD_VALUE));
    looked(columns, part, rows);
    return columns;
  }

  /** log-probabilities under another policy, which chooses its own experts. */
  private void scored(Map<String, double[]> columns, String name, @Nullable Policy other, TokenRows rows) {
    if (wanted.contains(name)) columns.put(name, other.score(rows.unrouted(), temperature).logp());
  }

  /** log-softmax of φ(reward) · reference logits: the reference at temperature / φ, uniform where φ is 0. */
  private double[] tilted(List<Trajectory> part, Policy reference) {
    double[] column = new double[part.stream().mapToInt(Trajectory::length).sum()];
    Subset.by(part, t -> power.applyAsDouble(t.reward())).forEach((phi, some) -> {
      double[] logp = new double[some.tokens().length];
      if (phi > 0) logp = reference.score(Learner.rows(some.trajectories()).unrouted(), temperature / phi).logp();
      else Arrays.fill(logp, -Math.log(reference.config().vocabSize()));
      some.into(column, logp);
    });
    return column;
  }

  /** KL of the policy's whole distribution from that of the version which sampled the answer. */
  private double[] fromSamplers(List<Trajectory> part) {
    double[] column = new double[part.stream().mapToInt(Trajectory::length).sum()];
    Subset.by(part, Trajectory::oldestVersion).forEach((version, some) ->
        some.into(column, policy.divergence(Learner.rows(some.trajectories()), temperature, companions.sampler(version))));
    return column;
  }

  /** What takes a second look at the model: hidden states, likeliest tokens, values. */
  private void looked(Map<String, double[]> columns, List<Trajectory> part, TokenRows rows) {
    boolean values = Critic.HEADS.stream().anyMatch(wanted::contains);
    if (values || wanted.contains(Column.HIDDEN) || wanted.contains(Column.TOP_LOGP) || wanted.contains(Column.TOP_TOKEN)) {
      Details details = policy.details(rows, temperature, RecordedAnswers.TOP);
      if (wanted.contains(Column.TOP_LOGP)) columns.put(Column.TOP_LOGP, details.topLogp());
      if (wanted.contains(Column.TOP_TOKEN)) columns.put(Column.TOP_TOKEN, Arrays.stream(details.topToken()).asDoubleStream().toArray());
      for (String head : Critic.HEADS) {
        if (wanted.contains(head)) columns.put(head, critic.values(head, details.hidden(), details.hiddenSize()));
      }
      if (values || wanted.contains(Column.HIDDEN)) columns.put(Column.HIDDEN, details.hidden());
    }
    if (wanted.contains(Column.LOGP_AT_BEHAVIOUR_TOP)) {
      int[] tokens = Arrays.stream(recorded(part, RecordedAnswers.TOP_TOKENS)).mapToInt(t -> (int) t).toArray();
      columns.put(Column.LOGP_AT_BEHAVIOUR_TOP, policy.logpAt(rows, temperature, tokens, tokens.length / rows.trainedTokens()));
    }
  }

  private void put(Map<String, double[]> columns, String name, List<Trajectory> part, ToDoubleFunction<Trajectory> value) {
    if (!wanted.contains(name)) return;
    columns.put(name, join(part, t -> {
      double[] same = new double[t.length()];
      Arrays.fill(same, value.applyAsDouble(t));
      return same;
    }));
  }

  private static double[] recorded(List<Trajectory> part, String name) {
    return join(part, t -> {
      double[] values = t.recorded().get(name);
      if (values == null) throw new IllegalStateException("group %d, sample %d: %s was not recorded when it was sampled".formatted(t.group(), t.sample(), name));
      return values;
    });
  }

  interface PerToken {
    double[] of(Trajectory trajectory);
  }

  static double[] wide(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) wide[i] = values[i];
    return wide;
  }

  /** The numbers of all trajectories end to end. */
  static double[] join(List<Trajectory> part, PerToken values) {
    double[][] pieces = new double[part.size()][];
    int length = 0;
    for (int s = 0; s < pieces.length; s++) {
      pieces[s] = values.of(part.get(s));
      length += pieces[s].length;
    }
    double[] all = new double[length];
    int at = 0;
    for (double[] piece : pieces) {
      System.arraycopy(piece, 0, all, at, piece.length);
      at += piece.length;
    }
    return all;
  }
}
