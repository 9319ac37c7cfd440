package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.config.RecipeReader;
import io.ballast.ledger.MetricsLog;
import io.ballast.ledger.RunDirectory;
import io.ballast.method.Method;
import io.ballast.method.Methods;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every method of the catalogue trains the default task on stale data at smoke size: the same recipe with nothing else changed. So
 * does every setting that reads other columns.
 */
class EveryMethodTrainsTest {
  /** What has no default because its source publishes none. */
  private static final Map<String, List<String>> REQUIRED = Map.of(
      "dispo", List.of("method.e-lo-pos=0.2", "method.e-hi-pos=0.5", "method.e-lo-neg=1", "method.e-hi-neg=4"));

  @TempDir static Path dir;
  private static Path model, teacher;

  @BeforeAll static void a_model_that_is_right_now_and_then_and_a_better_one() {
    model = imitator("student", 40);
    teacher = imitator("teacher", 80);
  }

  private static Path imitator(String name, int steps) {
    try (var run = RunDirectory.start(dir.resolve(name), Clock.systemUTC())) {
      var recipe = SmallRun.recipe("warm-start.steps=" + steps, "warm-start.learning-rate=3e-3");
      return SmallRun.training(recipe).warmStartOnly(run).checkpoint().resolve("model");
    }
  }

  static Stream<String> ids() {
    return Methods.all().stream().map(Method::id);
  }

  @ParameterizedTest
  @MethodSource("ids")
  void trains_without_a_number_going_astray(String id) {
    train(id, id, REQUIRED.getOrDefault(id, List.of()));
  }

  @ParameterizedTest
  @CsvSource({"ppo-ewma, ewma-decay=0.9", "mdpo, kl=exact", "rapo, reference=tilted", "erpd, teacher=pair", "erpd, teacher=weak", "dppo, support=top-k",
      "decoupled-ppo, prox-logp-method=linear", "bapo, scope=micro-batch", "turn-ppo, advantage=gae", "dr-po, advantage=gae", "apa, vf-coef=0.5",
      "adaptive-kl, against=old", "safe, value-coefficient=0", "dhpo, weighting=entropy-guided", "grpo, advantage=greedy-baseline"})
  void trains_with_the_setting(String id, String setting) {
    train(id + "-" + setting, id, List.of("method." + setting));
  }

  private static void train(String name, String id, List<String> settings) {
    List<String> overrides = new ArrayList<>(List.of("method=" + id, "task.digits=1", "warm-start.steps=0", "model.path=" + model, "model.teacher=" + teacher, "model.weak-teacher=" + model,
        "rollout.prompts=4", "rollout.group-size=4", "rollout.max-new=16", "schedule.steps=20", "eval.prompts=4", "eval.every=none",
        "run.checkpoint-every=none", "run.log-rollouts=none", "optimizer.learning-rate=1e-4"));
    overrides.addAll(settings);
    var recipe = new RecipeReader(Map.of()).readText("", name, overrides);
    Path folder = dir.resolve(name);
    Summary summary = SmallRun.start(folder, recipe);
    assertThat(summary.lastPass()).isNotNull();
    List<Map<String, Object>> lines = MetricsLog.read(folder.resolve("metrics.jsonl"));
    assertThat(lines).hasSize(21);
    for (Map<String, Object> line : lines) {
      assertThat(line).doesNotContainValue(null).as("step %s of %s", line.get("step"), name);
    }
    assertThat(lines.stream().skip(1).mapToDouble(line -> ((Number) line.get("grad-norm")).doubleValue()).max().orElse(0)).as("gradient of %s", name).isPositive();
    assertThat(lines.getLast().get("staleness-max")).isEqualTo(4.0);
  }
}
