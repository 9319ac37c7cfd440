package io.ballast.train;

import io.ballast.advantage.AdvantageEstimator;
import io.ballast.advantage.Rewards;
import io.ballast.method.Assembly;
import io.ballast.model.AdamW;
import io.ballast.model.Policy;
import io.ballast.model.Scores;
import io.ballast.model.TokenRows;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.StepTotals;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One optimizer step in two phases: (1) forward without graph over the whole step gives log π and entropy of every token; (2) the pure
 * objective turns them into loss and dL/dlogp, which go back through a second forward, micro-batch by micro-batch. So a rule solved over the
 * whole step (BAPO's bounds) sees the whole step, and how it is split into micro-batches changes nothing.
 *
 * <p>The ratio is taken against the recorded behaviour log-probability, unless the method or a correction tells the proximal policy apart
 * from the sampler's: then the proximal one is recomputed before the batch's first update.
 */
final class Learner {
  private static final Set<String> SUPPLIED =
      Set.of(Column.BEHAVIOUR_LOGP, Column.REF_LOGP, Column.ENTROPY, Column.OLD_ENTROPY, Column.TURN, Column.SENTENCE,
          Column.SAMPLING_LOGP, Column.STALENESS);

  private final Policy policy;
  private final AdamW optimizer;
  private final @Nullable Policy reference;
  private final Assembly assembly;
  private final boolean proximalApart;
  private final LearningRate learningRate;
  private final double temperature;
  private final double gradClip;
  private final int maxNew;
  private final SentenceNumbers sentences;
  private Objective objective;
  private AdvantageEstimator estimator;

  Learner(Policy policy, AdamW optimizer, @Nullable Policy reference, Assembly assembly, @Nullable Weighting correction,
      LearningRate learningRate, double temperature, double gradClip, int maxNew, SentenceNumbers sentences) {
    check(assembly);
    this.policy = policy;
    this.optimizer = optimizer;
    this.reference = reference;
    this.assembly = assembly;
    this.proximalApart = assembly.columns().contains(Column.BEHAVIOUR_LOGP) || assembly.columns().contains(Column.OLD_ENTROPY)
        || correction != null && assembly.usesRatio();
    this.learningRate = learningRate;
    this.temperature = temperature;
    this.gradClip = gradClip;
    this.maxNew = maxNew;
    this.sentences = sentences;
    this.objective = correction == null ? assembly.objective() : assembly.objective().corrected(correction);
    this.estimator = assembly.advantages();
  }

  /** Refuses a method that reads what training does not supply. */
  static void check(Assembly assembly) {
    var missing = new TreeSet<>(assembly.columns());
    missing.removeAll(SUPPLIED);
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException("the method needs %s of every token, which training does not supply; it can be evaluated with probe"
          .formatted(String.join(", ", missing)));
    }
  }

  /** What one update did. */
  record Update(Evaluation evaluation, TokenBatch batch, double[] entropy, double gradNorm, double learningRate) {}

  /** The batch with its advantages, and with the proximal policy's numbers where the method needs them. Called once, before its first update. */
  Batch open(Batch batch) {
    List<Trajectory> all = batch.trajectories();
    int[] offsets = offsets(all);
    Map<String, double[]> columns = new HashMap<>();
    columns.put(Column.BEHAVIOUR_LOGP, behaviour(all, offsets));
    TokenRows rows = rows(all);
    Scores proximal = proximalApart ? policy.score(rows, temperature) : null;
    if (proximal != null) columns.put("oldLogp", proximal.logp());
    if (reference != null) columns.put(Column.REF_LOGP, reference.score(rows, temperature).logp());
    var rewards = new Rewards(groups(all), all.stream().mapToDouble(Trajectory::reward).toArray(), offsets, parts(all), columns,
        all.stream().mapToLong(Trajectory::task).toArray());
    double[] advantage = estimator.estimate(rewards);
    estimator = estimator.next(rewards);
    List<Trajectory> opened = new ArrayList<>(all.size());
    for (int s = 0; s < all.size(); s++) {
      int from = offsets[s], to = offsets[s + 1];
      opened.add(all.get(s).with(new Trajectory.Estimate(Arrays.copyOfRange(advantage, from, to),
          proximal == null ? null : Arrays.copyOfRange(proximal.logp(), from, to),
          proximal == null ? null : Arrays.copyOfRange(proximal.entropy(), from, to))));
    }
    return new Batch(batch.number(), batch.dropped(), opened);
  }

  /**
   * Trains on the given answers and moves the policy to the next version.
   *
   * @param step number of this update, from 1
   */
  Update update(List<Trajectory> part, int step) {
    TokenRows rows = rows(part);
    Scores scores = policy.score(rows, temperature);
    TokenBatch batch = batch(part, scores, step - 1);
    Objective solved = objective.prepared(batch);
    Evaluation result = solved.evaluate(batch);
    if (!Double.isFinite(result.loss())) {
      throw new IllegalStateException("step %d: the loss is %s; nothing was updated".formatted(step, result.loss()));
    }
    policy.backward(rows, temperature, result.dlogp(), result.gradients().get(Column.ENTROPY));
    double rate = learningRate.at(step);
    double norm = optimizer.step(rate, gradClip);
    objective = objective.next(batch, result);
    return new Update(result, batch, scores.entropy(), norm, rate);
  }

  /** What objective and estimator remember from step to step. */
  record Memory(Map<String, double[]> objective, Map<String, double[]> estimator) {}

  Memory memory() {
    return new Memory(objective.memory(), estimator.memory());
  }

  void remember(Memory memory) {
    objective = objective.remembering(memory.objective);
    estimator = estimator.remembering(memory.estimator);
  }

  private TokenBatch batch(List<Trajectory> part, Scores scores, int version) {
    int[] offsets = offsets(part);
    double[] behaviour = behaviour(part, offsets);
    double[] advantage = gather(part, offsets, t -> t.estimate().advantage());
    double[] proximal = proximalApart ? gather(part, offsets, t -> t.estimate().proximalLogp()) : null;
    Map<String, double[]> columns = new LinkedHashMap<>();
    columns.put(Column.BEHAVIOUR_LOGP, behaviour);
    columns.put(Column.ENTROPY, scores.entropy());
    if (assembly.columns().contains(Column.OLD_ENTROPY)) columns.put(Column.OLD_ENTROPY, gather(part, offsets, t -> t.estimate().proximalEntropy()));
    if (reference != null) columns.put(Column.REF_LOGP, reference.score(rows(part), temperature).logp());
    if (assembly.columns().contains(Column.TURN)) columns.put(Column.TURN, new double[scores.logp().length]);
    // one engine samples and trains: what it sampled with is what it computes under the same weights
    if (assembly.columns().contains(Column.SAMPLING_LOGP)) columns.put(Column.SAMPLING_LOGP, behaviour);
    if (assembly.columns().contains(Column.STALENESS)) {
      columns.put(Column.STALENESS, gather(part, offsets, t -> Arrays.stream(t.version()).mapToDouble(sampled -> version - sampled).toArray()));
    }
    if (assembly.columns().contains(Column.SENTENCE)) columns.put(Column.SENTENCE, gather(part, offsets, sentences::of));
    int[] ids = new int[part.size()];
    for (int s = 0; s < ids.length; s++) ids[s] = s;
    int[] groups = groups(part);
    var totals = new StepTotals(part.size(), scores.logp().length, Arrays.stream(groups).max().orElse(-1) + 1, maxNew);
    return new TokenBatch(offsets, groups, ids, scores.logp(), proximal != null ? proximal : behaviour, advantage, columns, totals);
  }

  /** Prompt and answer as one row, the answer trained. */
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
    return new TokenRows(tokens, trained);
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
    Map<String, double[]> columns = new LinkedHashMap<>();
    for (String name : part.getFirst().parts().keySet()) {
      columns.put(name, part.stream().mapToDouble(t -> t.parts().get(name)).toArray());
    }
    return columns;
  }

  private interface PerToken {
    double[] of(Trajectory trajectory);
  }

  private static double[] gather(List<Trajectory> part, int[] offsets, PerToken values) {
    double[] column = new double[offsets[part.size()]];
    for (int s = 0; s < part.size(); s++) System.arraycopy(values.of(part.get(s)), 0, column, offsets[s], part.get(s).length());
    return column;
  }

  private static double[] behaviour(List<Trajectory> part, int[] offsets) {
    double[] column = new double[offsets[part.size()]];
    for (int s = 0; s < part.size(); s++) {
      float[] logp = part.get(s).behaviourLogp();
      for (int i = 0; i < logp.length; i++) column[offsets[s] + i] = logp[i];
    }
    return column;
  }
}
