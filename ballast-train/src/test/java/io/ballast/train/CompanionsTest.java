package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.config.RecipeException;
import io.ballast.model.Policy;
import io.ballast.objective.Column;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The policies kept beside the trained one: how they follow it, what is read off them, what a checkpoint keeps. */
class CompanionsTest {
  private static final String TENSOR = "model.layers.1.mlp.down_proj.weight";

  private static Setup setup(String... overrides) {
    return Setup.of(SmallRun.recipe(overrides).recipe(), null, null, null);
  }

  /** One weight of the trained policy as it moves half of the way to another policy every step, and of a companion, each 0 at the start and 1 at the goal. */
  private static double[] path(Setup setup, Function<Companions, Policy> companion, int steps) {
    double[] path = new double[steps];
    try (Policy policy = setup.newPolicy(); Policy goal = other(setup); Companions companions = Companions.of(setup, policy, Optional.empty())) {
      double start = policy.weight(TENSOR)[3], end = goal.weight(TENSOR)[3];
      for (int step = 1; step <= steps; step++) {
        companions.beforeUpdate(step);
        policy.lerp(goal, 0.5);
        companions.afterUpdate(step);
        path[step - 1] = (companion.apply(companions).weight(TENSOR)[3] - start) / (end - start);
      }
    }
    return path;
  }

  private static Policy other(Setup setup) {
    return setup("run.seed=9", "method=" + setup.recipe().method().id()).newPolicy();
  }

  /** θ = 1/2, 3/4. b = 1/2: W = 1.5, 1.75; θ̄ = (1/2)/1.5 = 1/3, then 0.75/1.75 · 1/3 + 0.75/1.75 = 4/7. */
  @Test void the_average_of_ppo_ewma_is_bias_corrected() {
    assertThat(path(setup("method=ppo-ewma", "method.ewma-decay=0.5"), Companions::average, 2)).containsExactly(new double[] {1.0 / 3, 4.0 / 7}, within(1e-5));
  }

  @Test void a_reference_stays_where_it_is_unless_the_recipe_moves_it() {
    assertThat(path(setup("method=grpo", "method.kl-coefficient=0.1"), Companions::reference, 3)).containsExactly(0, 0, 0);
    // θ = 1/2, 3/4, 7/8: with a = 0.4 every second step 0.4 · 3/4 = 0.3.
    assertThat(path(setup("method=grpo", "method.kl-coefficient=0.1", "model.reference.sync-every=2", "model.reference.sync-share=0.4"),
        Companions::reference, 3)).containsExactly(new double[] {0, 0.3, 0.3}, within(1e-5));
    assertThat(path(setup("method=grpo", "method.kl-coefficient=0.1", "model.reference.sync-every=1"), Companions::reference, 1))
        .as("TR-DPO's share").containsExactly(new double[] {0.3}, within(1e-5));
  }

  /** After every step the reference is the policy that the step began with: θ_0 = 0, θ_1 = 1/2, θ_2 = 3/4. */
  @Test void humanlines_reference_is_one_step_behind() {
    assertThat(path(setup("method=humanline"), Companions::reference, 3)).containsExactly(new double[] {0, 0.5, 0.75}, within(1e-5));
    assertThat(path(setup("method=humanline", "model.reference.sync-every=2"), Companions::reference, 3)).containsExactly(new double[] {0, 0.5, 0.5}, within(1e-5));
    assertThat(path(setup("method=humanline", "model.reference.sync-every=0"), Companions::reference, 2)).containsExactly(0, 0);
  }

  private static Trajectory answer(int version, double reward) {
    return new Trajectory(version, 0, 2, "p", "g", "a", new int[] {2, 4}, new int[] {3, 1, 5}, new float[] {-1, -1, -1}, new int[] {version, version, version}, true,
        "right", "", "", reward, Map.of(Trajectory.CORRECT, reward), Map.of(), null, null);
  }

  private static Map<String, double[]> columns(Setup setup, Policy policy, Companions companions, List<Trajectory> answers) {
    var columns = new TokenColumns(Set.copyOf(setup.method().columns()), policy, companions, setup.method().supply().power(), new Critic(1), 1,
        new SentenceNumbers(setup.tokenizer()));
    return columns.of(answers, Learner.rows(answers), 7);
  }

  /** φ(1) = 1 is the reference itself, φ(0) = phi-min = 0.5 the reference at temperature 2; φ = 0 is uniform. */
  @Test void the_tilted_reference_is_flatter_for_a_worse_answer() {
    List<Trajectory> answers = List.of(answer(0, 0), answer(1, 1));
    for (double least : new double[] {0.5, 0}) {
      Setup setup = setup("method=rapo", "method.reference=tilted", "method.phi-min=" + least);
      try (Policy policy = setup.newPolicy(); Companions companions = Companions.of(setup, policy, Optional.empty())) {
        double[] tilted = columns(setup, policy, companions, answers).get(Column.TILTED_REF_LOGP);
        var rows = Learner.rows(List.of(answers.getFirst()));
        double[] plain = policy.score(rows, 1).logp(), flat = policy.score(rows, 2).logp(), uniform = new double[3];
        Arrays.fill(uniform, -Math.log(policy.config().vocabSize()));
        assertThat(Arrays.copyOf(tilted, 3)).containsExactly(least == 0 ? uniform : flat, within(1e-6));
        assertThat(Arrays.copyOfRange(tilted, 3, 6)).containsExactly(plain, within(1e-6));
      }
    }
  }

  @Test void the_divergence_is_from_the_version_that_sampled_and_versions_leave_with_their_answers(@TempDir Path dir) throws IOException {
    Setup setup = setup("method=mdpo", "method.kl=exact");
    try (Policy policy = setup.newPolicy(); Policy goal = other(setup); Companions companions = Companions.of(setup, policy, Optional.empty())) {
      companions.sampling(0);
      policy.lerp(goal, 0.5);
      companions.sampling(1);
      List<Trajectory> answers = List.of(answer(1, 0), answer(0, 0));
      double[] divergence = columns(setup, policy, companions, answers).get(Column.KL_OLD);
      assertThat(Arrays.copyOf(divergence, 3)).containsOnly(0);
      assertThat(Arrays.stream(divergence, 3, 6)).allMatch(d -> d > 1e-6);

      companions.save(dir);
      try (Companions restored = Companions.of(setup, policy, Optional.of(dir))) {
        assertThat(columns(setup, policy, restored, answers).get(Column.KL_OLD)).isEqualTo(divergence);
      }
      companions.release(Set.of(1));
      assertThat(companions.sampler(1).weight(TENSOR)).isEqualTo(policy.weight(TENSOR));
      assertThatThrownBy(() -> companions.sampler(0)).hasMessage("the policy of version 0 was not kept");
    }
  }

  private static Path model(Path folder) throws IOException {
    try (Policy policy = setup().newPolicy()) {
      policy.save(folder);
    }
    return folder;
  }

  @Test void a_teacher_that_is_missing_is_asked_for_by_its_key(@TempDir Path dir) throws IOException {
    assertThatThrownBy(() -> SmallRun.start(dir.resolve("a"), SmallRun.recipe("method=erpd"))).isInstanceOf(RecipeException.class)
        .hasMessage("method erpd learns from a teacher (column teacherLogp); set model.teacher to its checkpoint folder");
    assertThatThrownBy(() -> SmallRun.start(dir.resolve("b"), SmallRun.recipe("method=erpd", "method.teacher=pair", "model.teacher=" + dir)))
        .hasMessage("model.teacher: %s has no config.json; a model folder holds config.json and model.safetensors".formatted(dir));
    assertThatThrownBy(() -> ReinforcementPhase.check(setup("method=erpd", "method.teacher=pair", "model.teacher=" + model(dir.resolve("teacher")))))
        .hasMessage("method erpd learns from a teacher (column weakTeacherLogp); set model.weak-teacher to its checkpoint folder");
    assertThatThrownBy(() -> SmallRun.start(dir.resolve("c"), SmallRun.recipe("method=erpd", "model.teacher=" + dir.resolve("none"))))
        .hasMessage("model.teacher %s is no folder".formatted(dir.resolve("none")));
  }
}
