package io.ballast.train;

import io.ballast.advantage.DynamicSampling;
import io.ballast.verify.Task;
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
  private final Deque<Batch> waiting = new ArrayDeque<>();
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

  /** Everything a checkpoint needs to go on: batches waiting (the current one first), the pool, and two counters. */
  record State(long sampled, long visits, List<Batch> waiting, List<Pooled> pool) {

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
    this.schedule = schedule;
    this.prompts = prompts;
    this.rollouts = rollouts;
    this.settings = settings;
  }

  /** The batch whose updates begin at this version: samples whatever the schedule wants sampled by now, with the policy as it is. */
  Batch open(int version, Listener listener) {
    for (long upTo = schedule.sampledBy(version); sampled < upTo; sampled++) {
      listener.sampling(sampled, upTo);
      waiting.addLast(fresh(sampled, version));
    }
    Batch next = waiting.removeFirst();
    return settings.replay == 0 ? next : mixed(next, version);
  }

  /** @param current the opened batch that has updates left, or null */
  State state(@Nullable Batch current) {
    List<Batch> batches = new ArrayList<>();
    if (current != null) batches.add(current);
    batches.addAll(waiting);
    return new State(sampled, visits, batches, List.copyOf(pool));
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
    pool.clear();
    pool.addAll(state.pool);
    return hasCurrent ? waiting.removeFirst() : null;
  }

  private Batch fresh(long number, int version) {
    int wanted = settings.promptsPerBatch - (number == 0 ? 0 : Math.min(settings.replay, pool.size()));
    List<List<Trajectory>> kept = new ArrayList<>();
    List<List<Trajectory>> flat = new ArrayList<>();
    for (int round = 0; kept.size() < wanted && round < settings.dynamicRounds; round++) {
      int missing = wanted - kept.size();
      List<Task> tasks = prompts.range(visits, missing);
      for (List<Trajectory> group : groups(rollouts.sample(tasks, visits, version))) {
        (settings.dynamicRounds == 1 || informative(group) ? kept : flat).add(group);
      }
      visits += missing;
    }
    // After the last round the batch is filled up rather than made smaller: the step size must not depend on luck.
    int dropped = flat.size();
    while (kept.size() < wanted) {
      kept.add(flat.removeFirst());
      dropped--;
    }
    return new Batch(number, dropped, flatten(kept));
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
