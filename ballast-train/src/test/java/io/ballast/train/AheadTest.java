package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ballast.ledger.RunDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sampling beside training: what it promises is that nobody can tell, but for the time it takes. */
class AheadTest {
  @TempDir Path dir;

  @Test void pipelined_is_sync_overlapped_to_the_byte() {
    String[] shape = {"off-policy.staleness=4", "schedule.updates-per-batch=2"};
    SmallRun.start(dir.resolve("sync"), SmallRun.recipe(shape));
    SmallRun.start(dir.resolve("pipelined"), SmallRun.recipe(shape[0], shape[1], "off-policy.mode=pipelined"));
    assertThat(trained("pipelined")).isEqualTo(trained("sync"));
  }

  @ParameterizedTest
  @CsvSource({"pipelined, 1, 1", "async, 3, 1", "async, 5, 2"})
  void a_run_interrupted_and_resumed_ends_like_the_run_that_was_not(String mode, int staleness, int updates) {
    String[] overrides = {"off-policy.mode=" + mode, "off-policy.staleness=" + staleness, "schedule.updates-per-batch=" + updates};
    SmallRun.start(dir.resolve("whole"), SmallRun.recipe(overrides));
    SmallRun.start(dir.resolve("again"), SmallRun.recipe(overrides));
    assertThat(SmallRun.bytes(dir.resolve("again"))).isEqualTo(SmallRun.bytes(dir.resolve("whole")));
    // The first twelve questions are the warm start's.
    assertThatThrownBy(() -> {
      try (var run = RunDirectory.start(dir.resolve("cut"), Clock.systemUTC())) {
        SmallRun.training(SmallRun.recipe(overrides)).interruptedBy(SmallRun.after(17)).run(run);
      }
    }).isInstanceOf(InterruptedRunException.class);
    SmallRun.resume(dir.resolve("cut"));
    assertThat(trained("cut")).isEqualTo(trained("whole"));
  }

  @Test void async_answers_are_written_by_several_versions_none_older_than_the_bound() throws IOException {
    SmallRun.start(dir.resolve("run"), SmallRun.recipe("off-policy.mode=async", "off-policy.staleness=3", "warm-start.steps=0"));
    var batches = TrainerState.read(dir.resolve("run/checkpoints/step-3")).batches();
    assertThat(batches.drafts()).isNotEmpty();
    assertThat(batches.waiting()).isNotEmpty().allSatisfy(batch -> assertThat(batch.trajectories())
        .allMatch(t -> batch.number() - t.oldestVersion() <= 3).noneMatch(Trajectory::unfinished));
    assertThat(batches.waiting().stream().flatMap(batch -> batch.trajectories().stream()))
        .anyMatch(t -> java.util.Arrays.stream(t.version()).distinct().count() > 1);
  }

  @Test void what_cannot_run_ahead_is_refused_with_the_way_out() {
    assertThatThrownBy(() -> SmallRun.start(dir.resolve("a"), SmallRun.recipe("off-policy.mode=pipelined", "off-policy.staleness=0")))
        .hasMessageContaining("set off-policy.staleness to 1 or more, got 0");
  }

  /** Last checkpoint and metrics; the recipe differs where the mode does. */
  private Map<String, String> trained(String run) {
    var files = SmallRun.bytes(dir.resolve(run));
    files.keySet().removeIf(name -> !name.startsWith("checkpoints/step-8") && !name.equals("metrics.jsonl") && !name.startsWith("rollouts"));
    return files;
  }
}
