package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.verify.Task;
import io.ballast.verify.task.TaskSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchSourceTest {
  private static final BatchSource.Listener QUIET = (_, _) -> {};

  /** Two answers a prompt; prompts with an even number are informative: one right, one wrong. Others are all right. */
  private static final Answers ANSWERS = (tasks, firstVisit, version, _, _) -> {
    List<Trajectory> all = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      for (int sample = 0; sample < 2; sample++) {
        double correct = sample == 0 || tasks.get(i).id() % 2 != 0 ? 1 : 0;
        all.add(new Trajectory(firstVisit + i, sample, tasks.get(i).id(), "p", "g", "a", new int[] {2}, new int[] {3, 1}, new float[] {-0.1f, -0.2f / 3},
            new int[] {version, version}, true, "right", "", "", correct, Map.of(Trajectory.CORRECT, correct), Map.of(), null, null));
      }
    }
    return all;
  };

  private static final TaskSource COUNTING = new TaskSource() {
    @Override public long size() {
      return 1000;
    }

    @Override public Task at(long index) {
      return new Task(index, "p", "g");
    }
  };

  private static BatchSource source(Schedule schedule, int dynamicRounds, int replay, int oldest) {
    return new BatchSource(schedule, new Prompts(COUNTING, 5), ANSWERS, new BatchSource.Settings(4, dynamicRounds, replay, 6, 2, oldest, 5));
  }

  @Test void the_sampler_runs_as_many_versions_ahead_as_the_bound_allows() {
    var source = source(new Schedule(9, 1, 1, 3), 1, 0, 3);
    for (int version = 0; version < 9; version++) {
      Batch batch = source.open(version, QUIET);
      assertThat(batch.number()).isEqualTo(version);
      assertThat(version - batch.trajectories().getFirst().oldestVersion()).isEqualTo(Math.min(version, 3));
    }
  }

  /** The learner is faster here than the writer: it asks for the next piece while the one before is still under way, its draft out of the queue. */
  @Test void a_piece_that_is_asked_for_while_another_is_written_is_not_forgotten() throws Exception {
    var schedule = new Schedule(8, 2, 1, 5);
    var entered = new java.util.concurrent.Semaphore(0);
    Answers slow = (tasks, firstVisit, version, begun, share) -> {
      entered.release();
      java.util.concurrent.locks.LockSupport.parkNanos(30_000_000);
      return ANSWERS.write(tasks, firstVisit, version, begun, share);
    };
    try (var thread = java.util.concurrent.Executors.newSingleThreadExecutor()) {
      var beside = new BatchSource.Beside() {
        private java.util.concurrent.Future<?> work;

        @Override public void start(Runnable sampling) {
          join();
          work = thread.submit(sampling);
        }

        @Override public void join() {
          try {
            if (work != null) work.get();
          } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException(e);
          }
        }
      };
      var source = new BatchSource(schedule, new Prompts(COUNTING, 5), slow, new BatchSource.Settings(4, 1, 0, 6, 2, 5, 5), BatchSource.Pace.SPREAD, beside);
      for (int version = 0; version < 8; version++) {
        if (schedule.opensBatch(version)) assertThat(source.open(version, QUIET).number()).isEqualTo(version / 2);
        entered.drainPermits();
        source.ahead(version);
        if (version < 5) entered.acquire();
      }
    }
  }

  @Test void dynamic_sampling_keeps_drawing_until_groups_are_informative_and_says_what_it_dropped() {
    Batch batch = source(new Schedule(1, 1, 1, 0), 20, 0, 0).open(0, QUIET);
    assertThat(BatchSource.groups(batch.trajectories())).hasSize(4).allMatch(group -> group.getFirst().task() % 2 == 0);
    assertThat(batch.dropped()).isPositive();
  }

  @Test void replay_mixes_in_groups_within_the_bound_and_uses_each_at_most_as_often_as_allowed() {
    var source = source(new Schedule(12, 1, 1, 0), 1, 2, 3);
    Map<Long, Integer> uses = new java.util.HashMap<>();
    for (int version = 0; version < 12; version++) {
      List<List<Trajectory>> groups = BatchSource.groups(source.open(version, QUIET).trajectories());
      assertThat(groups).hasSize(4);
      for (List<Trajectory> group : groups) {
        assertThat(version - group.getFirst().oldestVersion()).isBetween(0, 3);
        uses.merge(group.getFirst().group(), 1, Integer::sum);
      }
    }
    assertThat(uses.values()).allMatch(times -> times <= 3); // once fresh, twice replayed
    assertThat(uses.values()).anyMatch(times -> times > 1);
  }

  @Test void a_state_written_and_read_back_goes_on_exactly_like_the_source_that_was_never_stopped(@TempDir Path dir) throws Exception {
    var schedule = new Schedule(10, 1, 1, 2);
    var whole = source(schedule, 2, 0, 2);
    var first = source(schedule, 2, 0, 2);
    for (int version = 0; version < 4; version++) {
      whole.open(version, QUIET);
      first.open(version, QUIET);
    }
    var memory = new Learner.Memory(Map.of("dual", new double[] {1.0 / 3}), Map.of(), Map.of(), List.of());
    new TrainerState(4, Map.of(0, 0.25), memory, first.state(null)).write(dir);
    TrainerState read = TrainerState.read(dir);
    assertThat(read.memory().objective().get("dual")).containsExactly(1.0 / 3);
    assertThat(read.passes()).containsEntry(0, 0.25);
    var second = source(schedule, 2, 0, 2);
    assertThat(second.restore(read.batches(), false)).isNull();
    for (int version = 4; version < 10; version++) {
      List<String> expected = whole.open(version, QUIET).trajectories().stream().map(t -> TrajectoryJson.write(t).toString()).toList();
      assertThat(second.open(version, QUIET).trajectories().stream().map(t -> TrajectoryJson.write(t).toString()).toList()).isEqualTo(expected);
    }
  }
}
