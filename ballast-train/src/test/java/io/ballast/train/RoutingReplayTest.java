package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ballast.ledger.MetricsLog;
import io.ballast.ledger.RunDirectory;
import io.ballast.model.Architecture;
import io.ballast.model.ModelConfig;
import io.ballast.model.Policy;
import io.ballast.model.Routes;
import io.ballast.model.TokenRows;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import io.ballast.text.CharTokenizer;
import io.ballast.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training a mixture of experts through the experts its answers were sampled with. */
class RoutingReplayTest {
  @TempDir Path dir;

  /** A mixture of four experts of which a token uses two, and the tokenizer of the small run's task. */
  @BeforeEach void mixture() throws IOException {
    Tokenizer tokenizer = new CharTokenizer(Setup.of(SmallRun.recipe().recipe(), null, null, null).tasks().alphabet());
    ModelConfig c = ModelConfig.dense(Architecture.QWEN3, tokenizer.size(), 32, 64, 2, 2, 1, true, 64, null, List.of(tokenizer.eos()));
    var config = new ModelConfig(Architecture.QWEN3_MOE, c.vocabSize(), c.hiddenSize(), c.intermediateSize(), c.layers(), c.heads(), c.kvHeads(),
        c.headDim(), c.rmsNormEps(), c.ropeTheta(), null, c.tied(), false, false, false, c.maxPositions(), Collections.nCopies(2, 0), 0.2, c.bos(), c.eos(),
        null, new ModelConfig.Experts(4, 2, 16, true, Set.of()));
    Files.createDirectories(model());
    try (Policy policy = Policy.random(config, 3, Device.CPU, DType.FP32)) {
      policy.save(model());
      tokenizer.save(model());
    }
  }

  private Path model() {
    return dir.resolve("mixture");
  }

  private String[] with(String... overrides) {
    List<String> all = new ArrayList<>(List.of("model.path=" + model(), "optimizer.learning-rate=3e-3", "optimizer.warmup=0"));
    all.addAll(List.of(overrides));
    return all.toArray(String[]::new);
  }

  private String metrics(String run, String... overrides) {
    SmallRun.start(dir.resolve(run), SmallRun.recipe(with(overrides)));
    return SmallRun.bytes(dir.resolve(run)).get("metrics.jsonl");
  }

  @Test void on_fresh_data_it_changes_no_bit_and_the_ratio_is_one() {
    String[] fresh = {"rollout.engine=exact", "off-policy.staleness=0", "schedule.steps=3"};
    String followed = metrics("followed", fresh);
    assertThat(metrics("free", fresh[0], fresh[1], fresh[2], "rollout.routing-replay=false")).isEqualTo(followed);
    for (Map<String, Object> line : MetricsLog.read(dir.resolve("followed/metrics.jsonl"))) {
      if (((Number) line.get("step")).intValue() > 0) assertThat(line.get("ratio-max")).isEqualTo(1.0);
    }
  }

  @Test void on_stale_data_tokens_go_where_they_were_sampled_and_no_longer_where_the_router_would_send_them() {
    assertThat(metrics("followed", "off-policy.staleness=4")).isNotEqualTo(metrics("free", "off-policy.staleness=4", "rollout.routing-replay=false"));
  }

  @Test void a_run_of_a_mixture_interrupted_and_resumed_ends_like_the_run_that_was_not() {
    String[] overrides = with("off-policy.mode=replay", "schedule.updates-per-batch=2");
    SmallRun.start(dir.resolve("whole"), SmallRun.recipe(overrides));
    assertThatThrownBy(() -> {
      try (var run = RunDirectory.start(dir.resolve("cut"), Clock.systemUTC())) {
        SmallRun.training(SmallRun.recipe(overrides)).interruptedBy(SmallRun.after(5)).run(run);
      }
    }).isInstanceOf(InterruptedRunException.class);
    SmallRun.resume(dir.resolve("cut"));
    assertThat(SmallRun.bytes(dir.resolve("cut/checkpoints/step-8"))).isEqualTo(SmallRun.bytes(dir.resolve("whole/checkpoints/step-8")));
    assertThat(SmallRun.bytes(dir.resolve("cut")).get("metrics.jsonl")).isEqualTo(SmallRun.bytes(dir.resolve("whole")).get("metrics.jsonl"));
  }

  private static Trajectory trajectory(Routes routes) {
    return new Trajectory(1, 0, 2, "p", "g", "a", new int[] {2, 4}, new int[] {3, 1}, new float[] {-0.1f, -0.2f}, new int[] {0, 0}, true, "right", "", "", 1,
        Map.of(Trajectory.CORRECT, 1.0), Map.of(), routes, null);
  }

  @Test void a_checkpoint_keeps_every_expert() throws IOException {
    var routes = new Routes(1, 2, new short[] {0, 300, 1, 0, 127, Short.MAX_VALUE});
    String text = TrajectoryJson.write(trajectory(routes)).toString();
    Trajectory back = TrajectoryJson.read(TrajectoryJson.JSON.readTree(text));
    assertThat(back.routes()).isEqualTo(routes);
    assertThat(TrajectoryJson.write(back)).hasToString(text);
    String dense = TrajectoryJson.write(trajectory(null)).toString();
    assertThat(dense).doesNotContain("routes");
    assertThat(TrajectoryJson.read(TrajectoryJson.JSON.readTree(dense)).routes()).isNull();
  }

  @Test void rows_carry_the_routes_of_the_answers_that_have_some() {
    var routes = new Routes(1, 2, new short[] {0, 1, 1, 0, 1, 2});
    TokenRows rows = Learner.rows(List.of(trajectory(null), trajectory(routes)));
    assertThat(rows.routes()).containsExactly(null, routes);
    assertThat(Learner.rows(List.of(trajectory(null))).routes()).isNull();
  }
}
