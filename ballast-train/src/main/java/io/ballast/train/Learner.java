package io.ballast.train;

import io.ballast.advantage.AdvantageEstimator;
import io.ballast.advantage.Rewards;
import io.ballast.method.Assembly;
import io.ballast.model.AdamW;
import io.ballast.model.Policy;
import io.ballast.model.Routes;
import io.ballast.model.Scores;
import io.ballast.model.TokenRows;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.LookingBack;
import io.ballast.objective.Metric;
import io.ballast.objective.Objective;
import io.ballast.objective.StepTotals;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One optimizer step in two phases: (1) forward without graph over the whole step gives log π and entropy of every token; (2) the pure
 * objective turns them into loss and dL/dlogp, which go back through a second forward, micro-batch by micro-batch. So a rule solved over the
 * whole step (BAPO's bounds) sees the whole step, and how it is split into micro-batches changes nothing.
 *
 * <p>A method that looks back has a pass over the batch of the step before first, an optimizer step of its own at the same rate.
 *
 * <p>The ratio is taken against the recorded behaviour log-probability, unless the method or a correction tells the proximal policy apart
 * from the sampler's: then the proximal one is recomputed before the batch's first update.
 */
final class Learner {
  private final Policy policy;
  private final Scorer scorer;
  private final AdamW optimizer;
  private final Assembly assembly;
  private final TokenColumns columns;
  private final Companions companions;
  private final Critic critic;
  private final MicroBatches microBatches;
  private final boolean proximalApart;
  private final LearningRate learningRate;
  private final Settings settings;
  private final @Nullable UnaryOperator<Trajectory> expert;
  private Objective objective;
  private AdvantageEstimator estimator;
  /** Entropies of the answers of the batch opened last, under the policy of that moment; empty where it was not asked. */
  private final Map<Trajectory, double[]> atOpening = new IdentityHashMap<>();
  private int openedAt = -1;
  private List<Trajectory> before = List.of();

  /**
   * @param gradClip largest global norm of a gradient, infinite for none
   * @param microBatch sequences that an objective with a rule per micro-batch sees at once
   */
  record Settings(double temperature, double gradClip, int maxNew, int microBatch) {}

  /** Log-probabilities and entropies under the policy as it is, at the sampling temperature; the exact engine's own bits where it samples. */
  interface Scorer {
    Scores of(TokenRows rows);
  }

  /**
   * @param correction weight for stale data on the policy term, or null
   * @param expert an expert's answer to the prompt of an answer, or null where the method learns from none
   */
  Learner(Policy policy, Scorer scorer, AdamW optimizer, Assembly assembly, TokenColumns columns, Companions companions, Critic critic,
      @Nullable Weighting correction, LearningRate learningRate, Settings settings, @Nullable UnaryOperator<Trajectory> expert) {
    this.policy = policy;
    this.scorer = scorer;
    this.optimizer = optimizer;
    this.assembly = assembly;
    this.columns = columns;
    this.companions = companions;
    this.critic = critic;
    this.microBatches = new MicroBatches(settings.microBatch);
    this.proximalApart = assembly.columns().contains(Column.BEHAVIOUR_LOGP) || correction != null && assembly.usesRatio();
    this.learningRate = learningRate;
    this.settings = settings;
    this.expert = expert;
    this.objective = correction == null ? assembly.objective() : assembly.objective().corrected(correction);
    this.estimator = assembly.advantages();
  }

  /** What one update did; the batch holds the sampled answers, and an expert's behind them where there are any. */
  record Update(Evaluation evaluation, TokenBatch batch, double[] entropy, double gradNorm, double learningRate) {}

  /** The batch with its advantages, and with the proximal policy's numbers where the method needs them. Called once, before its first update. */
  Batch open(Batch batch, int version) {
    List<Trajectory> all = withOldValues(batch.trajectories());
    int[] offsets = offsets(all);
    TokenRows rows = rows(all);
    Map<String, double[]> known = columns.of(all, rows, version);
    known.put(Column.BEHAVIOUR_LOGP, behaviour(all));
    Scores proximal = proximalApart ? scores(all, rows, version) : null;
    known.put("oldLogp", proximal != null ? proximal.logp() : known.get(Column.BEHAVIOUR_LOGP));
    var rewards = new Rewards(groups(all), all.stream().mapToDouble(Trajectory::reward).toArray(), offsets, parts(all), known,
        all.stream().mapToLong(Trajectory::task).toArray());
    double[] advantage = estimator.estimate(rewards);
    estimator = estimator.next(rewards);
    List<Trajectory> opened = new ArrayList<>(all.size());
    atOpening.clear();
    for (int s = 0; s < all.size(); s++) {
      int from = offsets[s], to = offsets[s + 1];
      opened.add(all.get(s).with(new Trajectory.Estimate(Arrays.copyOfRange(advantage, from, to),
          proximal == null ? null : Arrays.copyOfRange(proximal.logp(), from, to))));
      if (proximal != null) atOpening.put(opened.getLast(), Arrays.copyOfRange(proximal.entropy(), from, to));
    }
    openedAt = version;
    return new Batch(batch.number(), batch.dropped(), opened);
  }

  private List<Trajectory> withOldValues(List<Trajectory> all) {
    if (!assembly.columns().contains(Column.OLD_VALUE)) return all;
    List<Trajectory> recorded = new ArrayList<>(all.size());
    for (Trajectory t : all) {
      var details = policy.details(rows(List.of(t)), settings.temperature, 1);
      Map<String, double[]> own = new LinkedHashMap<>(t.recorded());
      own.put(Column.OLD_VALUE, critic.values(Column.VALUE, details.hidden(), details.hiddenSize()));
      recorded.add(t.recording(own));
    }
    return recorded;
  }

  /**
   * Trains on the given answers and moves the policy to the next version.
   *
   * @param step number of this update, from 1
   */
  Update update(List<Trajectory> sampled, int step) {
    List<Trajectory> part = expert == null ? sampled : withExperts(sampled);
    TokenRows rows = rows(part);
    Scores scores = scores(part, rows, step - 1);
    TokenBatch batch = batch(part, sampled.size(), rows, scores, step - 1);
    Optional<Evaluation> lookedBack = lookBack(batch, step);
    if (lookedBack.isPresent()) {
      scores = scorer.of(rows);
      batch = batch(part, sampled.size(), rows, scores, step - 1);
    }
    Evaluation result = learned(objective, part, rows, batch, step);
    companions.beforeUpdate(step);
    double rate = learningRate.at(step);
    double norm = optimizer.step(rate, settings.gradClip);
    companions.afterUpdate(step);
    for (String head : Critic.HEADS) {
      double[] gradient = result.gradients().get(head);
      if (gradient != null) critic.learn(head, batch.column(Column.HIDDEN), batch.column(Column.HIDDEN).length / batch.tokens(), gradient);
    }
    objective = objective.next(batch, result);
    if (objective instanceof LookingBack looking && looking.looksBack()) before = sampled;
    return new Update(lookedBack.map(look -> beside(result, look)).orElse(result), batch, scores.entropy(), norm, rate);
  }

  /** The pass over the batch of the step before, where the objective wants one now that it sees the current batch. */
  private Optional<Evaluation> lookBack(TokenBatch current, int step) {
    if (before.isEmpty() || !(objective instanceof LookingBack looking)) return Optional.empty();
    return looking.lookBack(current).map(again -> {
      TokenRows rows = rows(before);
      Evaluation result = learned(again, before, rows, batch(before, before.size(), rows, scorer.of(rows), step - 1), step);
      optimizer.step(learningRate.at(step), settings.gradClip);
      return result;
    });
  }

  /** An objective's word on a batch, taken back through the policy: its gradients hold it now. */
  private Evaluation learned(Objective judge, List<Trajectory> part, TokenRows rows, TokenBatch batch, int step) {
    Evaluation result = microBatches.evaluate(judge, batch);
    if (!Double.isFinite(result.loss())) {
      throw new IllegalStateException("step %d: the loss is %s; nothing was updated".formatted(step, result.loss()));
    }
    double[] dentropy = result.gradients().get(Column.ENTROPY), ddivergence = result.gradients().get(Column.KL_OLD);
    if (ddivergence == null) {
      policy.backward(rows, settings.temperature, result.dlogp(), dentropy);
      return result;
    }
    Subset.by(part, Trajectory::oldestVersion).forEach((version, some) -> policy.backward(rows(some.trajectories()), settings.temperature,
        some.of(result.dlogp()), dentropy == null ? null : some.of(dentropy),
        new Policy.Divergence(companions.sampler(version), some.of(ddivergence))));
    return result;
  }

  /** The step's numbers with those of its look back that it has none of. */
  private static Evaluation beside(Evaluation result, Evaluation lookedBack) {
    Map<String, Metric> metrics = new LinkedHashMap<>(result.metrics());
    lookedBack.metrics().forEach(metrics::putIfAbsent);
    return new Evaluation(result.loss(), result.dlogp(), result.gradients(), metrics);
  }

  /**
   * Log-probabilities and entropies under the policy as it is: those of sampling or of the batch's opening where it has not moved since, a
   * forward pass otherwise.
   */
  private Scores scores(List<Trajectory> part, TokenRows rows, int version) {
    if (part.stream().allMatch(t -> sampledAt(t, version))) {
      return new Scores(behaviour(part), TokenColumns.join(part, t -> t.recorded().get(Column.ENTROPY)));
    }
    if (version == openedAt && atOpening.keySet().containsAll(part)) {
      return new Scores(TokenColumns.join(part, t -> t.estimate().proximalLogp()), TokenColumns.join(part, atOpening::get));
    }
    return scorer.of(rows);
  }

  private static boolean sampledAt(Trajectory t, int version) {
    return t.recorded().containsKey(Column.ENTROPY) && Arrays.stream(t.version()).allMatch(v -> v == version);
  }

  /** What objective, estimator and critic remember from step to step, and the batch of the step before where it is looked back on. */
  record Memory(Map<String, double[]> objective, Map<String, double[]> estimator, Map<String, double[]> critic, List<Trajectory> before) {}

  Memory memory() {
    return new Memory(objective.memory(), estimator.memory(), critic.memory(), before);
  }

  void remember(Memory memory) {
    objective = objective.remembering(memory.objective);
    estimator = estimator.remembering(memory.estimator);
    critic.remember(memory.critic);
    before = memory.before;
  }

  /** One expert answer per prompt, behind the sampled ones. */
  private List<Trajectory> withExperts(List<Trajectory> sampled) {
    List<Trajectory> all = new ArrayList<>(sampled);
    for (List<Trajectory> group : BatchSource.groups(sampled)) all.add(expert.apply(group.getFirst()));
    return all;
  }

  /** @param own number of sampled answers; what stands behind them is an expert's */
  private TokenBatch batch(List<Trajectory> part, int own, TokenRows rows, Scores scores, int version) {
    int[] offsets = offsets(part);
    double[] behaviour = behaviour(part);
    double[] advantage = TokenColumns.join(part, t -> t.estimate().advantage());
    Map<String, double[]> known = columns.of(part, rows, version);
    known.put(Column.BEHAVIOUR_LOGP, behaviour);
    known.put(Column.ENTROPY, scores.entropy());
    double[] old = proximalApart ? TokenColumns.join(part, t -> t.estimate().proximalLogp()) : behaviour;
    // An expert's answers have no sampler: their ratio is 1.
    for (int t = offsets[own]; t < behaviour.length; t++) {
      old[t] = behaviour[t] = scores.logp()[t];
      known.get(Column.EXPERT)[t] = 1;
    }
    int[] ids = new int[part.size()];
    for (int s = 0; s < ids.length; s++) ids[s] = s;
    int[] groups = groups(part);
    var totals = new StepTotals(part.size(), scores.logp().length, Arrays.stream(groups).max().orElse(-1) + 1, settings.maxNew);
    return new TokenBatch(offsets, groups, ids, scores.logp(), old, advantage, known, totals);
  }

  /** Prompt and answer as one row, the answer trained, sent to the experts it was sampled with where they are known. */
  static TokenRows rows(List<Trajectory> part) {
    int[][] tokens = new int[part.size()][];
    boolean[][] trained = new boolean[part.size()][];
    for (int s = 0; s < tokens.length; s++) {
      int[] prompt = part.get(s).promptTokens(), answer = part.get(s).tokens();
      tokens[s] = Arrays.copyOf(prompt, prompt.length + answer.length);
      System.arraycopy(answer, 0, tokens[s], prompt.length, answer.length);
      trained[s] = new boolean[tokens[s].length];
      Arrays.fill(trained[s], prompt.length, tokens[s].length, true);
    }
    Routes[] routes = part.stream().map(Trajectory::routes).toArray(Routes[]::new);
    return Arrays.stream(routes).allMatch(Objects::isNull) ? new TokenRows(tokens, trained) : new TokenRows(tokens, trained, routes);
  }

  private static int[] offsets(List<Trajectory> part) {
    int[] offsets = new int[part.size() + 1];
    for (int s = 0; s < part.size(); s++) offsets[s + 1] = offsets[s] + part.get(s).length();
    return offsets;
  }

  /** Groups numbered 0, 1, … in the order they first appear. */
  private static int[] groups(List<Trajectory> part) {
    Map<Long, Integer> numbers = new HashMap<>();
    return part.stream().mapToInt(t -> {
      Integer known = numbers.putIfAbsent(t.group(), numbers.size());
      return known == null ? numbers.size() - 1 : known;
    }).toArray();
  }

  private static Map<String, double[]> parts(List<Trajectory> part) {
    Map<String, double[]> byName = new LinkedHashMap<>();
    for (String name : part.getFirst().parts().keySet()) {
      byName.put(name, part.stream().mapToDouble(t -> t.parts().get(name)).toArray());
    }
    return byName;
  }

  private static double[] behaviour(List<Trajectory> part) {
    return TokenColumns.join(part, t -> TokenColumns.wide(t.behaviourLogp()));
  }
}
