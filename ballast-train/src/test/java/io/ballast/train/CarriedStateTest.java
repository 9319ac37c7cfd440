package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.ledger.MetricsLog;
import io.ballast.ledger.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What methods carry from step to step outside the trained weights: it does something, and a run that is resumed has it back, byte for byte. */
class CarriedStateTest {
  @TempDir static Path dir;
  private static Path model, teacher;

  @BeforeAll static void a_student_and_its_teacher() {
    model = imitator("student", 30);
    teacher = imitator("teacher", 60);
  }

  private static Path imitator(String name, int steps) {
    try (var run = RunDirectory.start(dir.resolve(name), Clock.systemUTC())) {
      return SmallRun.training(SmallRun.recipe("warm-start.steps=" + steps)).warmStartOnly(run).checkpoint().resolve("model");
    }
  }

  private static String[] with(String words) {
    List<String> all = new ArrayList<>(List.of("model.path=" + model, "model.teacher=" + teacher, "model.weak-teacher=" + model, "eval.every=none",
        "optimizer.learning-rate=1e-3", "optimizer.warmup=0", "off-policy.staleness=2"));
    all.addAll(Arrays.asList(words.split(" ")));
    return all.toArray(String[]::new);
  }

  private static Map<String, String> run(String name, String words) {
    SmallRun.start(dir.resolve(name), SmallRun.recipe(with(words)));
    return SmallRun.bytes(dir.resolve(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "method=ppo-ewma method.ewma-decay=0.8",
      "method=grpo method.kl-coefficient=0.1 model.reference.sync-every=2",
      "method=humanline",
      "method=pipo method.k=2",
      "method=erpd method.teacher=pair",
      "method=mdpo method.kl=exact schedule.updates-per-batch=2",
      "method=rapo method.reference=tilted",
      "method=bnpo schedule.micro-batch=3"})
  void a_run_killed_at_any_moment_and_resumed_ends_in_the_same_bytes(String words) throws IOException {
    String name = "case" + Integer.toHexString(words.hashCode());
    Map<String, String> whole = run(name + "-whole", words);
    run(name, words);
    Path killed = dir.resolve(name);
    // What a kill in step 8 leaves behind: checkpoint 6, a line cut short, a checkpoint half written.
    SmallFiles.delete(killed.resolve("checkpoints/step-8"));
    Files.createDirectories(killed.resolve("checkpoints/.step-8.part/reference"));
    String text = Files.readString(killed.resolve("metrics.jsonl"));
    Files.writeString(killed.resolve("metrics.jsonl"), text.substring(0, text.length() - 30));
    SmallRun.resume(killed);
    assertThat(SmallRun.bytes(killed)).isEqualTo(whole);
  }

  @Test void a_teacher_that_changed_in_between_is_refused() throws IOException {
    Path own = imitator("changing", 3);
    String words = "method=erpd model.teacher=" + own;
    assertThatThrownBy(() -> {
      try (var run = RunDirectory.start(dir.resolve("stopped"), Clock.systemUTC())) {
        SmallRun.training(SmallRun.recipe(with(words))).interruptedBy(SmallRun.after(2)).run(run);
      }
    }).isInstanceOf(InterruptedRunException.class);
    Path weights = own.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    assertThatThrownBy(() -> SmallRun.resume(dir.resolve("stopped"))).hasMessageContaining("the teacher has changed since");
  }

  private static List<Map<String, Object>> lines(String name) {
    return MetricsLog.read(dir.resolve(name).resolve("metrics.jsonl")).stream().skip(1).toList();
  }

  private static double number(Map<String, Object> line, String metric) {
    return ((Number) line.get(metric)).doubleValue();
  }

  /** ξ of step t from the rewards of the two steps before; without a full window no look back, and the update is the base method's. */
  @Test void pipo_looks_back_once_its_window_is_full() {
    run("pipo", "method=pipo method.k=2");
    run("base", "method=grpo method.kl-coefficient=0.001 method.aggregation=token-mean");
    List<Map<String, Object>> pipo = lines("pipo"), base = lines("base");
    for (int i = 0; i < 2; i++) {
      assertThat(pipo.get(i)).doesNotContainKey("improvement");
      assertThat(pipo.get(i).get("loss")).isEqualTo(base.get(i).get("loss"));
      assertThat(pipo.get(i).get("grad-norm")).isEqualTo(base.get(i).get("grad-norm"));
    }
    int looks = 0;
    for (int i = 2; i < pipo.size(); i++) {
      double a = number(pipo.get(i - 2), "reward-mean"), b = number(pipo.get(i - 1), "reward-mean"), deviation = Math.abs(a - b) / 2;
      double xi = (number(pipo.get(i), "reward-mean") - (a + b) / 2) / (deviation < 1e-8 ? 1 : deviation);
      if (Math.abs(xi) < 1e-12) continue;
      assertThat(number(pipo.get(i), "improvement")).as("step %d", i + 1).isCloseTo(xi, within(1e-9 * Math.max(1, Math.abs(xi))));
      looks++;
    }
    assertThat(looks).isPositive();
    assertThat(pipo.getLast().get("loss")).isNotEqualTo(base.getLast().get("loss"));
  }

  /** The reference is the policy of the step before: its divergence stays near that of one step rather than growing with the run. */
  @Test void humanlines_synced_reference_stays_close() {
    run("synced", "method=humanline");
    run("frozen", "method=humanline model.reference.sync-every=0");
    assertThat(number(lines("synced").getFirst(), "kl-reference")).isZero();
    assertThat(number(lines("synced").getLast(), "kl-reference")).isLessThan(number(lines("frozen").getLast(), "kl-reference") / 4);
  }

  @Test void a_mean_over_micro_batches_depends_on_their_size_and_one_of_all_is_the_token_mean() {
    String small = run("two", "method=bnpo schedule.micro-batch=2").get("metrics.jsonl");
    assertThat(small).isNotEqualTo(run("three", "method=bnpo schedule.micro-batch=3").get("metrics.jsonl"));
    String all = run("sixteen", "method=bnpo schedule.micro-batch=16").get("metrics.jsonl");
    assertThat(all).isEqualTo(run("tokens", "method=bnpo method.aggregation=token-mean").get("metrics.jsonl")).isNotEqualTo(small);
  }

  /** Beginnings of right demonstrations: context, the same for all answers of a group, part of what is checked, within the limit together. */
  @Test void answers_of_dr_po_go_on_from_a_demonstration() throws IOException {
    run("resets", "method=dr-po");
    run("bare", "method=dr-po method.beta=0");
    int given = 0;
    for (String line : Files.readAllLines(dir.resolve("resets/checkpoints/step-6/buffer.jsonl"))) {
      var node = TrajectoryJson.JSON.readTree(line);
      int prompt = node.get("prompt").textValue().length(), begun = node.get("promptTokens").size() - prompt, written = node.get("tokens").size();
      assertThat(begun).isBetween(0, 15);
      assertThat(begun + written).isLessThanOrEqualTo(16);
      String answer = node.get("answer").textValue();
      assertThat(answer.length()).isGreaterThanOrEqualTo(begun);
      given += begun;
    }
    assertThat(given).isPositive();
    for (String line : Files.readAllLines(dir.resolve("bare/checkpoints/step-6/buffer.jsonl"))) {
      var node = TrajectoryJson.JSON.readTree(line);
      assertThat(node.get("promptTokens").size()).isEqualTo(node.get("prompt").textValue().length());
    }
  }
}
