package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ballast.config.RecipeReader;
import io.ballast.ledger.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens to a run, going on with it ends in the same bytes as the run that nothing happened to. */
class ResumeTest {
  @TempDir Path dir;

  @Test void two_runs_with_the_same_seed_are_the_same_bytes_and_another_seed_is_another_run() {
    SmallRun.start(dir.resolve("a"), SmallRun.recipe());
    SmallRun.start(dir.resolve("b"), SmallRun.recipe());
    assertThat(SmallRun.bytes(dir.resolve("b"))).isEqualTo(SmallRun.bytes(dir.resolve("a")));
    SmallRun.start(dir.resolve("c"), SmallRun.recipe("run.seed=1"));
    assertThat(SmallRun.bytes(dir.resolve("c")).get("metrics.jsonl")).isNotEqualTo(SmallRun.bytes(dir.resolve("a")).get("metrics.jsonl"));
  }

  /** The first twelve questions are the warm start's. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 13, 17})
  void a_run_interrupted_at_any_step_and_resumed_ends_like_the_run_that_was_not(int question) {
    String[] overrides = {"off-policy.staleness=4", "schedule.updates-per-batch=2", "schedule.epochs=2", "method=r2vpo"};
    SmallRun.start(dir.resolve("whole"), SmallRun.recipe(overrides));
    assertThatThrownBy(() -> {
      try (var run = RunDirectory.start(dir.resolve("cut"), Clock.systemUTC())) {
        SmallRun.training(SmallRun.recipe(overrides)).interruptedBy(SmallRun.after(question)).run(run);
      }
    }).isInstanceOf(InterruptedRunException.class).hasMessageContaining("--resume");
    SmallRun.resume(dir.resolve("cut"));
    assertThat(withoutCheckpoints("cut")).isEqualTo(withoutCheckpoints("whole"));
    assertThat(lastCheckpoint("cut")).isEqualTo(lastCheckpoint("whole"));
  }

  @Test void a_killed_run_goes_on_from_its_newest_whole_checkpoint_and_writes_the_lines_after_it_again() throws IOException {
    SmallRun.start(dir.resolve("whole"), SmallRun.recipe("off-policy.mode=replay"));
    // What a kill after step 7 leaves: checkpoint 6, lines up to 7, one of them cut, and a checkpoint half written.
    SmallRun.start(dir.resolve("killed"), SmallRun.recipe("off-policy.mode=replay"));
    Path killed = dir.resolve("killed");
    SmallFiles.delete(killed.resolve("checkpoints/step-8"));
    Files.createDirectories(killed.resolve("checkpoints/.step-8.part/model"));
    Path metrics = killed.resolve("metrics.jsonl");
    String text = Files.readString(metrics);
    Files.writeString(metrics, text.substring(0, text.length() - 40));
    SmallRun.resume(killed);
    assertThat(withoutCheckpoints("killed")).isEqualTo(withoutCheckpoints("whole"));
    assertThat(lastCheckpoint("killed")).isEqualTo(lastCheckpoint("whole"));
  }

  @Test void no_steps_are_an_evaluation_and_a_checkpoint_to_go_on_from() {
    Path run = dir.resolve("none");
    Summary summary = SmallRun.start(run, SmallRun.recipe("schedule.steps=0"));
    assertThat(summary.text()).startsWith("Held-out pass@1 (greedy, 11 prompts) is ").endsWith("no step was taken. The model is in %s."
        .formatted(run.resolve("checkpoints/step-0/model")));
    assertThat(summary.lastPass()).isEqualTo(summary.firstPass());
    try (var again = RunDirectory.resume(run, Clock.systemUTC())) {
      SmallRun.training(new RecipeReader(Map.of()).resume(again.recipe(), List.of("schedule.steps=8"))).run(again);
    }
    SmallRun.start(dir.resolve("eight"), SmallRun.recipe());
    assertThat(lastCheckpoint("none")).isEqualTo(lastCheckpoint("eight"));
  }

  @Test void a_damaged_checkpoint_is_named_and_nothing_else_is_touched() throws IOException {
    SmallRun.start(dir.resolve("run"), SmallRun.recipe());
    Path weights = dir.resolve("run/checkpoints/step-8/model/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length / 2] ^= 1;
    Files.write(weights, bytes);
    var before = SmallRun.bytes(dir.resolve("run"));
    assertThatThrownBy(() -> SmallRun.resume(dir.resolve("run"))).hasMessageContaining("model.safetensors");
    assertThat(SmallRun.bytes(dir.resolve("run"))).isEqualTo(before);
  }

  private Map<String, String> withoutCheckpoints(String run) {
    var files = SmallRun.bytes(dir.resolve(run));
    files.keySet().removeIf(name -> name.contains("checkpoints"));
    return files;
  }

  private Map<String, String> lastCheckpoint(String run) {
    return SmallRun.bytes(dir.resolve(run).resolve("checkpoints/step-8"));
  }
}
