package io.ballast.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.verify.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnRulesTest {

  @Test void trains_with_a_verifier_and_an_objective_of_its_own(@TempDir Path dir) throws Exception {
    var summary = OwnRules.train(dir, List.of("schedule.steps=3", "warm-start.steps=5", "rollout.prompts=4", "rollout.group-size=4", "rollout.max-new=16",
        "eval.prompts=8", "model.layers=1", "model.hidden=32", "model.heads=2", "model.kv-heads=1", "model.mlp=64"));
    assertThat(summary.steps()).isEqualTo(3);
    assertThat(Files.readAllLines(dir.resolve("metrics.jsonl"))).hasSize(4).last().asString().contains("leash-weight");
  }

  @Test void the_rule_gives_half_for_a_right_result_with_too_much_working() {
    assertThat(OwnRules.SHORT_AND_RIGHT.verify("79", "7+2=9,3+4=7:79")).isInstanceOf(Verdict.Right.class);
    assertThat(OwnRules.SHORT_AND_RIGHT.verify("79", "7+2=9,3+4=7,0+0=0,0+0=0,0+0=0:79").score()).isEqualTo(0.5);
    assertThat(OwnRules.SHORT_AND_RIGHT.verify("79", "79")).isInstanceOf(Verdict.Unanswered.class);
  }
}
