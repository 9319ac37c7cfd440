package io.ballast.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
  private static final Clock NOON = Clock.fixed(Instant.parse("2026-11-21T12:00:00.123Z"), ZoneOffset.UTC);
  private static final Checkpoints.Contents MODEL = folder -> {
    Files.createDirectories(folder.resolve("model"));
    Files.writeString(folder.resolve("model").resolve("weights"), "0123456789");
    Files.writeString(folder.resolve("cursor"), "7");
  };

  @TempDir Path home;

  @Test void a_new_run_is_named_by_date_and_time_and_never_shares_a_folder() {
    try (var first = RunDirectory.create(home.resolve("runs"), "demo", NOON); var second = RunDirectory.create(home.resolve("runs"), "demo", NOON)) {
      assertThat(first.path()).isEqualTo(home.resolve("runs/demo-20261121-120000"));
      assertThat(second.path()).isEqualTo(home.resolve("runs/demo-20261121-120000-2"));
    }
  }

  @Test void a_run_with_a_checkpoint_is_never_overwritten() {
    Path path = home.resolve("run");
    try (var run = RunDirectory.start(path, NOON)) {
      run.checkpoint(10, 3, OptionalLong.empty(), MODEL);
    }
    assertThatThrownBy(() -> RunDirectory.start(path, NOON)).isInstanceOf(RunRefusedException.class)
        .hasMessage(path + " holds a run with checkpoint step-10; add --resume to go on, or give another folder");
    assertThat(path.resolve("checkpoints/step-10/model/weights")).hasContent("0123456789");
  }

  @Test void a_run_whose_warm_start_has_a_checkpoint_is_not_overwritten_either() {
    try (var run = RunDirectory.start(home.resolve("run"), NOON); var warm = run.warmStart()) {
      warm.checkpoint(5, 1, OptionalLong.empty(), MODEL);
    }
    assertThatThrownBy(() -> RunDirectory.start(home.resolve("run"), NOON)).hasMessageContaining("a checkpoint of its warm start");
  }

  @Test void a_run_without_a_checkpoint_starts_over() {
    Path path = home.resolve("run");
    try (var run = RunDirectory.start(path, NOON)) {
      run.metrics().append(1, Map.of("loss", 2.0));
      run.events().started(Map.of());
    }
    try (var run = RunDirectory.start(path, NOON)) {
      assertThat(run.path().resolve("metrics.jsonl")).doesNotExist();
      run.metrics().append(1, Map.of("loss", 3.0));
    }
    assertThat(path.resolve("metrics.jsonl")).hasContent("{\"step\":1,\"loss\":3.0}");
  }

  @Test void a_folder_of_other_things_is_left_alone() throws IOException {
    Files.writeString(home.resolve("thesis.tex"), "x");
    assertThatThrownBy(() -> RunDirectory.start(home, NOON)).hasMessageContaining("holds other things (thesis.tex) and no run");
    assertThatThrownBy(() -> RunDirectory.resume(home, NOON)).hasMessageContaining("holds other things (thesis.tex) and no run");
    assertThatThrownBy(() -> RunDirectory.start(home.resolve("thesis.tex"), NOON)).hasMessageContaining("is a file; --run takes a folder");
    assertThatThrownBy(() -> RunDirectory.resume(home.resolve("nowhere"), NOON)).hasMessageContaining("there is no run at");
  }

  @Test void two_cannot_work_in_one_run() {
    try (var run = RunDirectory.start(home.resolve("run"), NOON)) {
      assertThatThrownBy(() -> RunDirectory.resume(run.path(), NOON)).hasMessageContaining("another process is working in");
    }
    RunDirectory.resume(home.resolve("run"), NOON).close();
  }

  @Test void resuming_drops_what_came_after_the_checkpoint() throws IOException {
    Path path = home.resolve("run");
    try (var run = RunDirectory.start(path, NOON)) {
      for (int step = 0; step <= 4; step++) {
        run.metrics().append(step, Map.of("loss", 1.0 / (step + 1)));
        run.writeRollouts(step, List.of());
        if (step == 2) run.checkpoint(step, 3, OptionalLong.empty(), MODEL);
      }
    }
    Files.writeString(path.resolve("metrics.jsonl"), Files.readString(path.resolve("metrics.jsonl")) + "{\"step\":5,\"lo");
    Files.createDirectories(path.resolve("checkpoints/.step-4.part/model"));
    try (var run = RunDirectory.resume(path, NOON)) {
      assertThat(run.checkpoints().open()).contains(path.resolve("checkpoints/step-2"));
      run.rewind(2);
      run.metrics().append(3, Map.of("loss", 9.0));
    }
    assertThat(MetricsLog.read(path.resolve("metrics.jsonl"))).extracting(line -> line.get("step")).containsExactly(0L, 1L, 2L, 3L);
    assertThat(path.resolve("rollouts/step-2.jsonl")).exists();
    assertThat(path.resolve("rollouts/step-3.jsonl")).doesNotExist();
    assertThat(path.resolve("checkpoints/.step-4.part")).doesNotExist();
  }

  @Test void the_newest_and_the_best_checkpoints_are_kept() {
    try (var run = RunDirectory.start(home.resolve("run"), NOON)) {
      double[] pass = {0.1, 0.7, 0.3, 0.2, 0.4, 0.5};
      for (int step = 0; step < pass.length; step++) {
        run.metrics().append(step, Map.of("pass-at-1", pass[step]));
        run.checkpoint(step, 2, run.best(step), MODEL);
      }
      assertThat(run.checkpoints().steps()).containsExactly(1L, 4L, 5L);
    }
  }

  @Test void a_checkpoint_that_fails_half_way_leaves_no_trace_and_says_what_is_safe() {
    try (var run = RunDirectory.start(home.resolve("run"), NOON)) {
      run.metrics().append(10, Map.of("loss", 1.0));
      run.checkpoint(10, 3, OptionalLong.empty(), MODEL);
      run.metrics().append(11, Map.of("loss", 1.0));
      Checkpoints.Contents full = folder -> {
        MODEL.writeTo(folder);
        throw new UncheckedIOException(new IOException("No space left on device"));
      };
      assertThatThrownBy(() -> run.checkpoint(11, 3, OptionalLong.empty(), full)).isInstanceOf(StorageException.class)
          .hasMessageContaining("No space left on device; safe on disk: checkpoint " + run.checkpoints().folder(10) + ", metrics up to step 11");
      assertThat(run.path().resolve("checkpoints")).isDirectoryNotContaining("glob:**.part");
      assertThat(run.checkpoints().steps()).containsExactly(10L);
    }
  }

  @Test void a_damaged_checkpoint_is_named_with_the_way_out() throws IOException {
    try (var run = RunDirectory.start(home.resolve("run"), NOON)) {
      for (int step : new int[] {1, 2}) run.checkpoint(step, 3, OptionalLong.empty(), MODEL);
      Path weights = run.checkpoints().folder(2).resolve("model/weights");
      Files.writeString(weights, "012345678X");
      assertThatThrownBy(() -> run.checkpoints().open()).isInstanceOf(StorageException.class)
          .hasMessageContaining("step-2 is damaged: weights has other contents than were written; remove that folder to go on from step-1");
      Files.writeString(weights, "0123");
      assertThatThrownBy(() -> run.checkpoints().open()).hasMessageContaining("weights has 4 bytes, not 10");
      Files.delete(weights);
      assertThatThrownBy(() -> run.checkpoints().open()).hasMessageContaining("weights is missing");
    }
  }

  @Test void a_full_disk_is_reported_with_what_is_safe() {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "this system has no /dev/full to play a full disk");
    try (var lines = new JsonLines(full, () -> "checkpoint step-40")) {
      assertThatThrownBy(() -> lines.append(Map.of("step", 1))).isInstanceOf(StorageException.class)
          .hasMessage("cannot write /dev/full: No space left on device; safe on disk: checkpoint step-40");
    }
  }

  @Test void events_carry_the_time_and_metrics_do_not() throws IOException {
    try (var run = RunDirectory.start(home.resolve("run"), NOON)) {
      run.events().started(Map.of("method", "bapo"));
      run.metrics().append(1, Map.of("loss", Double.NaN));
      assertThat(run.path().resolve("events.jsonl")).hasContent("{\"event\":\"started\",\"time\":\"2026-11-21T12:00:00.123Z\",\"method\":\"bapo\"}");
      assertThat(run.path().resolve("metrics.jsonl")).hasContent("{\"step\":1,\"loss\":null}");
    }
  }

  @Test void a_garbled_line_in_the_middle_is_named() throws IOException {
    Path file = home.resolve("metrics.jsonl");
    Files.writeString(file, "{\"step\":1}\nnonsense\n{\"step\":2}\n");
    assertThatThrownBy(() -> MetricsLog.read(file)).hasMessageContaining("metrics.jsonl line 2 is not JSON");
  }
}
