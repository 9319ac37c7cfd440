package io.ballast.train;

import io.ballast.advantage.DynamicSampling;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Batches in the order they are trained on: sampled ahead of the learner as the {@link Schedule} says, from prompts visited one after the
 * other, with uninformative groups sampled anew (dynamic sampling) and old groups mixed in (replay) where the recipe asks for it.
 *
 * <p>Its whole state is a {@link State}; everything else follows from the seed.
 */
final class BatchSource {
  private final Schedule schedule;
  private final Prompts prompts;
  private final Answers rollouts;
  private final Settings settings;
  private final Pace pace;
  private final Beside beside;
  private final Deque<Batch> waiting = new ArrayDeque<>();
  private final Deque<Draft> drafts = new ArrayDeque<>();
  private final List<Pooled> pool = new ArrayList<>();
  private long sampled;
  private long visits;

  /**
   * @param promptsPerBatch groups of a batch
   * @param dynamicRounds times prompts are drawn until enough groups are neither all right nor all wrong; 1 takes what comes
   * @param replay groups of a batch that come from the pool once it can give them; 0 without replay
   * @param poolCapacity groups the pool holds; the oldest leave first
   * @param maxReuse times a group is trained on again
   * @param oldest versions a replayed group may be old when training on it begins
   */
  record Settings(int promptsPerBatch, int dynamicRounds, int replay, int poolCapacity, int maxReuse, int oldest, long seed) {}

  /** A finished group that may be trained on again. */
  record Pooled(int uses, List<Trajectory> group) {}

  /** When the answers of a batch are written: by one version before the learner goes on, by one beside it, or by every version until they are due. */
  enum Pace { AT_ONCE, BESIDE, SPREAD }

  /** Runs sampling beside training; what is sampled is the policy's as it is when it starts. */
  interface Beside {
    /** Begins a piece of work once the one before it is done. */
    void start(Runnable sampling);

    /** Returns when nothing is under way; throws what the work threw. */
    void join();

    /** Not beside at all: work is done when it starts. */
    Beside NONE = new Beside() {
      @Override public void start(Runnable sampling) {
        sampling.run();
      }

      @Override public void join() {}
    };
  }

  /**
   * A batch whose answers are under way.
   *
   * @param firstVisit visit of its first prompt; the others follow
   */
  record Draft(long number, long firstVisit, List<Trajectory> answers) {}

  /** Everything a checkpoint needs to go on: batches waiting (the current one first), those half written, the pool, and two counters. */
  record State(long sampled, long visits, List<Batch> waiting, List<Draft> drafts, List<Pooled> pool) {

    /** Versions that sampled an answer in it. */
    Set<Integer> versions() {
      return Stream.concat(waiting.stream().map(Batch::trajectories), pool.stream().map(Pooled::group))
          .flatMap(List::stream).map(Trajectory::oldestVersion).collect(Collectors.toSet());
    }
  }

  /** Hears how far the sampling of a batch is. */
  interface Listener {
    void sampling(long batch, long upTo);
  }

  BatchSource(Schedule schedule, Prompts prompts, Answers rollouts, Settings settings) {
    this(schedule, prompts, rollouts, settings, Pace.AT_ONCE, Beside.NONE);
  }

  BatchSource(Schedule schedule, Prompts prompts, Answers rollouts, Settings settings, Pace pace, Beside beside) {
    this.pace = pace;
    this.beside = beside;
    this.schedule = schedule;
    this.prompts = prompts;
    this.rollouts = rollouts;
    this.settings = settings;
  }

  /** The batch whose updates begin at this version: samples whatever the schedule wants sampled by now, with the policy as it is. */
  Batch open(int version, Listener listener) {
    beside.join();
    long upTo = pace == Pace.AT_ONCE ? schedule.sampledBy(version) : schedule.batchAt(version) + 1;
    if (sampled < upTo) {
      beside.start(() -> {
        for (; sampled < upTo; sampled++) {
          listener.sampling(sampled, upTo);
          waiting.addLast(fresh(sampled, version));
        }
      });
      beside.join();
    }
    Batch next = waiting.removeFirst();
    return settings.replay == 0 ? next : mixed(next, version);
  }

  /** To be called before every update, once its batch is open: starts what is sampled beside it with the policy as it is. */
  void ahead(int version) {
    if (pace == Pace.AT_ONCE) return;
    beside.join(); // what is under way has its draft out of the queue
    if (drafts.isEmpty() && sampled >= schedule.sampledBy(version)) return;
    beside.start(() -> {
      for (long upTo = schedule.sampledBy(version); sampled < upTo; sampled++) {
        if (pace == Pace.BESIDE) {
          waiting.addLast(fresh(sampled, version));
        } else {
          drafts.addLast(new Draft(sampled, visits, List.of()));
          visits += settings.promptsPerBatch;
        }
      }
      for (int left = drafts.size(); left > 0; left--) goOn(drafts.removeFirst(), version);
    });
  }

  /** The next piece of every answer of a batch. */
  private void goOn(Draft draft, int version) {
    double share = schedule.writtenBy(draft.number, version);
    List<Trajectory> answers = rollouts.write(prompts.range(draft.firstVisit, settings.promptsPerBatch), draft.firstVisit, version, draft.answers, share);
    if (share < 1) drafts.addLast(new Draft(draft.number, draft.firstVisit, answers));
    else waiting.addLast(filled(draft.number, version, answers, settings.promptsPerBatch));
  }

  /** @param current the opened batch that has updates left, or null */
  State state(@Nullable Batch current) {
    beside.join();
    List<Batch> batches = new ArrayList<>();
    if (current != null) batches.add(current);
    batches.addAll(waiting);
    return new State(sampled, visits, batches, List.copyOf(drafts), List.copyOf(pool));
  }

  /**
   * Restores a state.
   *
   * @param hasCurrent whether its first batch was opened and has updates left
   * @return that batch, or null
   */
  @Nullable Batch restore(State state, boolean hasCurrent) {
    sampled = state.sampled;
    visits = state.visits;
    waiting.clear();
    waiting.addAll(state.waiting);
    drafts.clear();
    drafts.addAll(state.drafts);
    pool.clear();
    pool.addAll(state.pool);
    return hasCurrent ? waiting.removeFirst() : null;
  }

  private Batch fresh(long number, int version) {
    int wanted = settings.promptsPerBatch - (number == 0 ? 0 : Math.min(settings.replay, pool.size()));
    return filled(number, version, List.of(), wanted);
  }

  /**
   * A batch of the wanted number of groups.
   *
   * @param first round of answers, where it is there already
   */
  private Batch filled(long number, int version, List<Trajectory> first, int wanted) {
    List<List<Trajectory>> kept = new ArrayList<>();
    List<List<Trajectory>> flat = new ArrayList<>();
    for (int round = 0; kept.size() < wanted && round < settings.dynamicRounds; round++) {
      List<Trajectory> answers = round == 0 && !first.isEmpty() ? first : next(wanted - kept.size(), version);
      for (List<Trajectory> group : groups(answers)) {
        (settings.dynamicRounds == 1 || informative(group) ? kept : flat).add(group);
      }
    }
    // After the last round the batch is filled up rather than made smaller: the step size must not depend on luck.
    int dropped = flat.size();
    while (kept.size() < wanted) {
      kept.add(flat.removeFirst());
      dropped--;
    }
    return new Batch(number, dropped, flatten(kept));
  }

  /** Answers to the prompts that are next in turn. */
  private List<Trajectory> next(int count, int version) {
    List<Trajectory> answers = rollouts.sample(prompts.range(visits, count), visits, version);
    visits += count;
    return answers;
  }

  private Batch mixed(Batch fresh, int version) {
    pool.removeIf(old -> old.uses >= settings.maxReuse || version - oldest(old.group) > settings.oldest);
    int wanted = Math.min(settings.promptsPerBatch - groups(fresh.trajectories()).size(), pool.size());
    List<List<Trajectory>> all = new ArrayList<>(groups(fresh.trajectories()));
    int[] order = Mixing.permutation(pool.size(), settings.seed, fresh.number(), 1);
    for (int i = 0; i < wanted; i++) {
      Pooled chosen = pool.get(order[i]);
      all.add(chosen.group);
      pool.set(order[i], new Pooled(chosen.uses + 1, chosen.group));
    }
    for (List<Trajectory> group : groups(fresh.trajectories())) pool.add(new Pooled(0, group));
    while (pool.size() > settings.poolCapacity) pool.removeFirst();
    return new Batch(fresh.number(), fresh.dropped(), flatten(all));
  }

  /** Neither all right nor all wrong: on the verifier's score, not on the shaped reward. */
  private static boolean informative(List<Trajectory> group) {
    return new DynamicSampling().keeps(group.stream().mapToDouble(Trajectory::correct).toArray());
  }

  private static int oldest(List<Trajectory> group) {
    return group.stream().mapToInt(Trajectory::oldestVersion).min().orElse(Integer.MAX_VALUE);
  }

  static List<List<Trajectory>> groups(List<Trajectory> trajectories) {
    Map<Long, List<Trajectory>> groups =
        trajectories.stream().collect(Collectors.groupingBy(Trajectory::group, LinkedHashMap::new, Collectors.toList()));
    return List.copyOf(groups.values());
  }

  private static List<Trajectory> flatten(List<List<Trajectory>> groups) {
    return groups.stream().flatMap(List::stream).toList();
  }
}
