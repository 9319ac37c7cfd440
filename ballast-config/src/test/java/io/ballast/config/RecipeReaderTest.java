package io.ballast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeReaderTest {

  /** Two methods with settings of their own. */
  private static final Catalogue METHODS = new Catalogue() {
    @Override public Collection<String> ids() {
      return List.of("bapo", "grpo");
    }

    @Override public Map<String, Object> defaults(String id) {
      var settings = new LinkedHashMap<String, Object>();
      settings.put("clip-low", 0.2);
      settings.put("dual-clip", "none");
      if (id.equals("bapo")) settings.put("target", 0.4);
      return settings;
    }

    @Override public void check(Choice choice) {
      if (choice.settings().get("clip-low") instanceof Number low && low.doubleValue() > 1) {
        throw new IllegalArgumentException("clip-low must be in [0.0, 1.0], got " + low);
      }
    }
  };

  private static final Catalogue TASKS = new Catalogue() {
    @Override public Collection<String> ids() {
      return List.of("arithmetic", "own");
    }

    @Override public Map<String, Object> defaults(String id) {
      return id.equals("own") ? Map.of("operators", "+", "sizes", List.of(2L)) : Map.of();
    }
  };

  private final RecipeReader reader = new RecipeReader(Map.of("method", METHODS, "task", TASKS));

  private ResolvedRecipe read(String yaml, String... sets) {
    return reader.readText(yaml, "recipe.yaml", List.of(sets));
  }

  @Test void no_recipe_at_all_is_the_default_one() {
    Recipe recipe = read("").recipe();
    assertThat(recipe.method().id()).isEqualTo("bapo");
    assertThat(recipe.offPolicy().staleness()).isEqualTo(4);
    assertThat(recipe.offPolicy().correction().id()).isEqualTo("auto");
    assertThat(recipe.run().threads()).isNull();
    assertThat(recipe.model().path()).isNull();
  }

  @Test void file_goes_over_defaults_and_set_over_the_file() {
    var resolved = read("rollout:\n  group-size: 16\n  max-new: 32\n", "rollout.max-new=48");
    assertThat(resolved.recipe().rollout().groupSize()).isEqualTo(16);
    assertThat(resolved.recipe().rollout().maxNew()).isEqualTo(48);
    assertThat(resolved.origin("rollout.group-size")).isEqualTo("recipe.yaml:2");
    assertThat(resolved.origin("rollout.max-new")).isEqualTo("--set");
    assertThat(resolved.origin("rollout.prompts")).isEqualTo("default");
    assertThat(resolved.origin("method.target")).isEqualTo("default of bapo");
  }

  @Test void a_method_is_an_id_or_an_id_with_settings() {
    assertThat(read("method: grpo").recipe().method().settings()).containsOnlyKeys("clip-low", "dual-clip");
    assertThat(read("method: {id: bapo, target: 0.5}").recipe().method().settings()).containsEntry("target", 0.5).containsEntry("dual-clip", "none");
    assertThat(read("method:\n  dual-clip: 3.0\n").recipe().method()).satisfies(method -> {
      assertThat(method.id()).isEqualTo("bapo");
      assertThat(method.settings()).containsEntry("dual-clip", 3.0);
    });
  }

  @Test void a_setting_may_be_spelt_in_another_way_but_not_in_two_at_once() {
    var reader = new RecipeReader(Map.of());
    var recipe = reader.read(null, List.of("method=chord", "method.mu-peak=0.3"));
    assertThat(recipe.recipe().method().settings()).containsEntry("peak", 0.3).doesNotContainKey("mu-peak");
    assertThatThrownBy(() -> reader.read(null, List.of("method=chord", "method.mu-peak=0.3", "method.peak=0.4")))
        .hasMessageContaining("method.mu-peak and method.peak (--set) are one setting; give one of them");
  }

  @Test void naming_another_method_leaves_the_settings_of_the_first_behind() {
    var recipe = read("method: {id: bapo, target: 0.5}", "method.clip-low=0.1", "method=grpo").recipe();
    assertThat(recipe.method()).isEqualTo(new Choice("grpo", Map.of("clip-low", 0.1, "dual-clip", "none")));
  }

  @Test void set_reads_lists_numbers_booleans_and_none() {
    var recipe = read("", "optimizer.betas=0.8,0.9", "optimizer.learning-rate=1e-4", "run.deterministic=false",
        "optimizer.grad-clip=none", "rollout.top-k=5", "schedule.steps=1e3").recipe();
    assertThat(recipe.optimizer().betas()).containsExactly(0.8, 0.9);
    assertThat(recipe.optimizer().learningRate()).isEqualTo(1e-4);
    assertThat(recipe.run().deterministic()).isFalse();
    assertThat(recipe.optimizer().gradClip()).isNull();
    assertThat(recipe.rollout().topK()).isEqualTo(5);
    assertThat(recipe.schedule().steps()).isEqualTo(1000);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "rollout.temprature=1 | --set rollout.temprature: unknown key rollout.temprature, did you mean rollout.temperature?; rollout has: engine, prompts",
      "group-size=8 | did you mean rollout.group-size?",
      "offpolicy.staleness=2 | did you mean off-policy.staleness?",
      "method=gropo | --set: unknown method \"gropo\"; did you mean \"grpo\"? allowed: bapo, grpo",
      "method.traget=1 | --set: unknown setting of method bapo \"traget\"; did you mean \"target\"? allowed: clip-low, dual-clip, target",
      "method.clip-low=7 | method bapo: clip-low must be in [0.0, 1.0], got 7",
      "rollout=3 | --set rollout: rollout is a section, not a value",
      "rollout.group-size=many | --set: rollout.group-size must be a whole number, got many",
      "rollout.group-size=2.5 | --set: rollout.group-size must be a whole number, got 2.5",
      "rollout.group-size=0 | --set: rollout.group-size must be at least 1, got 0",
      "schedule.steps=-1 | --set: schedule.steps must be at least 0, got -1",
      "schedule.micro-batch=0 | --set: schedule.micro-batch must be at least 1, got 0",
      "model.reference.sync-every=-1 | --set: model.reference.sync-every must be at least 0, got -1",
      "model.reference.sync-share=NaN | --set: model.reference.sync-share must be in [0.0, 1.0], got NaN",
      "optimizer.learning-rate=NaN | --set: optimizer.learning-rate must be a finite number of at least 0, got NaN",
      "optimizer.learning-rate=1e999 | --set: optimizer.learning-rate must be a finite number of at least 0, got Infinity",
      "rollout.group-size=99999999999 | must be a whole number",
      "rollout.temperature=nan | --set: rollout.temperature must be above 0.0, got NaN",
      "rollout.top-p=0 | --set: rollout.top-p must be above 0 and at most 1, or none, got 0.0",
      "rollout.top-k=x | --set: rollout.top-k must be a whole number, or none, got x",
      "run.threads=x | --set: run.threads must be a whole number, or auto, got x",
      "off-policy.mode=asink | --set: off-policy.mode must be one of sync, pipelined, async, replay (did you mean async?), got asink",
      "run.deterministic=yes | --set: run.deterministic must be true or false, got yes",
      "optimizer.betas=0.9 | --set: optimizer.betas must be two numbers, got [0.9]",
      "schedule.updates-per-batch=3 | --set: schedule.updates-per-batch must divide the batch of 32 prompts × 8 samples = 256 sequences, got 3",
      "run.name=a/b | --set: run.name must be letters",
      "model.kv-heads=3 | --set: model.kv-heads must divide model.heads (4), got 3",
      "schedule.steps= | --set schedule.steps=: schedule.steps has no value",
      "schedule.steps | --set schedule.steps: write key=value",
  })
  void a_wrong_request_names_key_value_rule_and_remedy(String set, String message) {
    assertThatThrownBy(() -> read("", set)).isInstanceOf(RecipeException.class).hasMessageContaining(message);
  }

  @Test void mistakes_in_a_file_name_their_line() {
    assertThatThrownBy(() -> read("run:\n  seed: 1\n  sed: 2\n")).hasMessageStartingWith("recipe.yaml:3: unknown key run.sed, did you mean run.seed?");
    assertThatThrownBy(() -> read("rollout:\n\n  prompts: -1\n")).hasMessage("recipe.yaml:3: rollout.prompts must be at least 1, got -1");
    assertThatThrownBy(() -> read("run:\n  seed: 1\n  seed: 2\n")).hasMessageContaining("recipe.yaml:3: run.seed stands here twice, first at recipe.yaml:2");
    assertThatThrownBy(() -> read("run: [\n")).hasMessageMatching("(?s)recipe.yaml:\\d+: this is not YAML: .*");
    assertThatThrownBy(() -> read("- a\n- b\n")).hasMessageStartingWith("recipe.yaml:1: a recipe is a YAML mapping");
    assertThatThrownBy(() -> read("rollout:\n  prompts:\n")).hasMessageContaining("rollout.prompts has no value");
    assertThatThrownBy(() -> reader.read(Path.of("no-such.yaml"), List.of())).hasMessage("recipe no-such.yaml does not exist");
  }

  @Test void shape_and_checkpoint_exclude_each_other() {
    assertThatThrownBy(() -> read("model:\n  path: some/folder\n  layers: 2\n"))
        .hasMessageStartingWith("recipe.yaml:3: model.layers cannot be combined with model.path (some/folder)");
    assertThat(read("model: {path: some/folder}").explained()).doesNotContain("layers");
  }

  @Test void a_checkpoint_is_not_warmed_up_unless_asked_and_may_be_trained_by_an_adapter() {
    assertThat(read("model: {path: some/folder}").recipe().warmStart().steps()).isZero();
    assertThat(read("model: {path: some/folder}\nwarm-start: {steps: 7}").recipe().warmStart().steps()).isEqualTo(7);
    var lora = read("model: {path: some/folder, activation-checkpointing: true}", "model.lora.rank=8", "model.lora.targets=q_proj,v_proj").recipe().model();
    assertThat(lora.lora()).isEqualTo(new Recipe.Lora(8, null, List.of("q_proj", "v_proj"), true));
    assertThat(lora.activationCheckpointing()).isTrue();
    assertThatThrownBy(() -> read("model: {lora: {rank: 0}}")).hasMessage("recipe.yaml:1: model.lora.rank must be at least 1, got 0");
    assertThatThrownBy(() -> read("model: {lora: {rnak: 4}}")).hasMessageContaining("unknown key model.lora.rnak, did you mean model.lora.rank?");
  }

  @Test void a_recipe_has_a_task_or_data() {
    var resolved = read("data:\n  path: x.jsonl\n  prompt: q\n  hints: [a, b]\n", "data.template=First {a}, then {q}");
    Recipe.Data data = resolved.recipe().data();
    assertThat(data.given()).isTrue();
    assertThat(data.template()).isEqualTo("First {a}, then {q}");
    assertThat(data.hints()).containsExactly("a", "b");
    assertThat(data.answer()).isNull();
    assertThat(resolved.explained()).contains("template: \"First {a}, then {q}\"").doesNotContain("task:", "arithmetic");
    assertThat(read(resolved.record(Map.of())).recipe()).isEqualTo(resolved.recipe());
    assertThat(read("").explained()).doesNotContain("data:").contains("task:");
    assertThatThrownBy(() -> read("task: own\ndata: {path: x}")).hasMessageStartingWith("recipe.yaml:1: task.id cannot be combined with data");
    assertThatThrownBy(() -> read("data: {prompt: q}")).hasMessageStartingWith("recipe.yaml:1: data.prompt needs data.path or data.sql");
    assertThatThrownBy(() -> read("data: {pth: q}")).hasMessageContaining("unknown key data.pth, did you mean data.path?");
    assertThatThrownBy(() -> read("data: {path: x, sql: select 1}")).hasMessageContaining("leave one out");
    assertThatThrownBy(() -> read("data: {path: x, dataset: gsm9k}")).hasMessageContaining("data.dataset must be one of gsm8k, math (did you mean gsm8k?), or none");
    assertThatThrownBy(() -> read("data: {path: x, system: s}")).hasMessageContaining("data.system needs data.chat: true");
  }

  @Test void a_verifier_is_named_with_its_settings() {
    assertThat(read("").recipe().verifier()).isEqualTo(new Choice("auto", Map.of()));
    assertThat(read("verifier: {id: regex, extract: \"A: (.*)\"}").recipe().verifier().settings()).containsEntry("extract", "A: (.*)").containsEntry("whole", false);
    assertThatThrownBy(() -> read("verifier: regexp")).hasMessageContaining("recipe.yaml:1: unknown verifier").hasMessageContaining("did you mean \"regex\"?");
    assertThatThrownBy(() -> read("verifier: {id: regex, extrct: x}")).hasMessageContaining("did you mean \"extract\"?");
    assertThatThrownBy(() -> read("verifier: {id: exact, time-limit: x}")).hasMessageContaining("time-limit must be a number");
  }

  @Test void the_printout_reads_back_to_the_same_recipe() {
    var resolved = read("run: {name: \"007\"}\ntask: {id: own, operators: \"+-*, /\", sizes: [3, 4]}\n", "method=grpo", "optimizer.grad-clip=none");
    assertThat(read(resolved.explained()).recipe()).isEqualTo(resolved.recipe());
    var again = read(resolved.record(Map.of("data-hash", "12e4", "java", "25.0.1")));
    assertThat(again.recipe()).isEqualTo(resolved.recipe());
    assertThat(again.recorded()).containsEntry("data-hash", "12e4").containsEntry("java", "25.0.1");
  }

  @Test void the_printout_says_where_each_value_came_from() {
    assertThat(read("rollout:\n  group-size: 16\n", "method=grpo").explained())
        .containsPattern("  group-size: 16 +# recipe.yaml:2\n")
        .containsPattern("method:\n  id: grpo +# --set\n  clip-low: 0.2 +# default of grpo\n")
        .containsPattern("\ndevice: cpu +# default\n");
  }

  @Test void resuming_may_change_length_evaluation_and_housekeeping_only(@TempDir Path run) throws Exception {
    Path file = run.resolve("recipe.yaml");
    Files.writeString(file, read("", "off-policy.staleness=2").record(Map.of("java", "25")));
    var resumed = reader.resume(file, List.of("schedule.steps=500", "eval.every=7", "run.keep=5", "off-policy.staleness=2", "method=bapo", "optimizer.weight-decay=0"));
    assertThat(resumed.recipe().schedule().steps()).isEqualTo(500);
    assertThatThrownBy(() -> reader.resume(file, List.of("off-policy.staleness=8")))
        .hasMessageContaining("off-policy.staleness cannot change on --resume (the run has 2, asked for 8)");
    assertThatThrownBy(() -> reader.resume(file, List.of("method=grpo"))).hasMessageContaining("method.id cannot change");
    assertThatThrownBy(() -> reader.resume(file, List.of("schedule.epochs=2"))).hasMessageContaining("schedule.epochs cannot change");
  }

  @Test void every_key_of_the_records_has_a_default() {
    assertThat(new Keys(Recipe.class).leaves().keySet()).isSubsetOf(read("").values().keySet());
  }
}
