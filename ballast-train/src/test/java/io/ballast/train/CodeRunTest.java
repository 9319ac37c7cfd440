package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.config.RecipeReader;
import io.ballast.verify.Verifiers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs as answers: imitated from a column of solutions, sampled, run against the tests of their row, rewarded. */
class CodeRunTest {
  @TempDir Path home;

  @Test void a_model_that_imitated_programs_is_rewarded_for_those_that_pass_their_tests() throws IOException {
    try {
      Verifiers.named("code", Map.of());
    } catch (IllegalArgumentException e) {
      Assumptions.abort(e.getMessage()); // no confinement on this machine
    }
    Path data = Files.writeString(home.resolve("code.jsonl"), IntStream.range(0, 12)
        .mapToObj(i -> "{\"problem\": \"x is %d\", \"tests\": \"assert x == %d\", \"solution\": \"x=%d\"}".formatted(i % 3, i % 3, i % 3)).collect(Collectors.joining("\n")));
    var recipe = new RecipeReader(Map.of()).readText("", "code", List.of("data.path=" + data, "data.prompt=problem", "data.answer=tests", "data.solution=solution",
        "data.eval-share=0.2", "verifier=code", "model.layers=1", "model.hidden=64", "model.heads=2", "model.kv-heads=1", "model.mlp=128", "warm-start.steps=60", "warm-start.batch=12",
        "rollout.prompts=2", "rollout.group-size=2", "rollout.max-new=6", "schedule.steps=1", "eval.every=1", "eval.prompts=2", "off-policy.staleness=1", "method=grpo"));
    SmallRun.start(home.resolve("run"), recipe);
    var rollouts = Files.readAllLines(home.resolve("run/rollouts/step-1.jsonl"));
    assertThat(rollouts).hasSize(4).allMatch(line -> line.contains("assert x == ") && (line.contains("all tests passed") || line.contains("the tests did not pass")));
    assertThat(rollouts).anyMatch(line -> line.contains("\"verdict\":\"right\"") && line.contains("\"reward\":1.0"));
  }
}
