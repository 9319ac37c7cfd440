package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ballast.config.RecipeReader;
import io.ballast.config.ResolvedRecipe;
import io.ballast.ledger.RunDirectory;
import io.ballast.model.Policy;
import io.ballast.model.TokenRows;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import io.ballast.text.Tokenizer;
import io.ballast.text.Tokenizers;
import io.ballast.verify.task.TaskFamily;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a data file and a checkpoint to a checkpoint that loads: imitation, then reinforcement of all weights or of an adapter. */
class OwnDataTest {
  @TempDir static Path home;
  private static Path data;
  private static Path base;

  @BeforeAll static void aBaseIsMadeByImitation() throws IOException {
    data = Files.writeString(home.resolve("sums.jsonl"), IntStream.range(0, 60)
        .mapToObj(i -> "{\"question\": \"%d and %d?\", \"answer\": \"It is %d.\\n#### %d\"}".formatted(i, i + 1, 2 * i + 1, 2 * i + 1)).collect(Collectors.joining("\n")));
    Path tokenizer = Files.createDirectory(home.resolve("tokenizer"));
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      try (InputStream in = OwnDataTest.class.getResourceAsStream("tokenizer/" + name)) {
        Files.copy(Objects.requireNonNull(in), tokenizer.resolve(name));
      }
    }
    ResolvedRecipe recipe = recipe("model.tokenizer=" + tokenizer, "model.layers=2", "model.hidden=32", "model.heads=2", "model.kv-heads=1", "model.mlp=64",
        "warm-start.steps=4", "warm-start.batch=4");
    try (var run = RunDirectory.start(home.resolve("base"), Clock.systemUTC())) {
      SmallRun.training(recipe).warmStartOnly(run);
    }
    base = home.resolve("base/checkpoints/step-4/model");
  }

  private static ResolvedRecipe recipe(String... overrides) {
    List<String> all = new ArrayList<>(List.of("data.path=" + data, "data.dataset=gsm8k", "data.eval-share=0.2", "rollout.prompts=2", "rollout.group-size=2",
        "rollout.max-new=8", "schedule.steps=4", "eval.prompts=4", "eval.every=2", "run.checkpoint-every=1", "run.keep=9", "off-policy.staleness=1",
        "optimizer.learning-rate=1e-2", "method=grpo"));
    all.addAll(List.of(overrides));
    return new RecipeReader(Map.of()).readText("", "own data", all);
  }

  private static ResolvedRecipe fromBase(String... overrides) {
    List<String> all = new ArrayList<>(List.of("model.path=" + base));
    all.addAll(List.of(overrides));
    return recipe(all.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.activation-checkpointing=true", "model.lora.rank=2", "model.lora.rank=2 model.lora.merge=false", "dtype=bf16"})
  void a_run_from_a_checkpoint_cut_and_resumed_ends_in_the_same_bytes(String setting) {
    String name = setting.replaceAll("\\W+", "-");
    // A bonus for entropy gives every answer a gradient, also where all rewards are equal.
    String[] settings = (setting + " method.entropy-coefficient=0.01").split(" ");
    SmallRun.start(home.resolve(name + "-whole"), fromBase(settings));
    assertThatThrownBy(() -> {
      try (var run = RunDirectory.start(home.resolve(name + "-cut"), Clock.systemUTC())) {
        SmallRun.training(fromBase(settings)).interruptedBy(SmallRun.after(2)).run(run);
      }
    }).isInstanceOf(InterruptedRunException.class);
    SmallRun.resume(home.resolve(name + "-cut"));
    assertThat(SmallRun.bytes(home.resolve(name + "-cut"))).isEqualTo(SmallRun.bytes(home.resolve(name + "-whole")));
    assertThat(SmallRun.bytes(home.resolve(name + "-whole/checkpoints/step-4/model")).get("model.safetensors")) // none under an adapter alone
        .isNotEqualTo(SmallRun.bytes(base).get("model.safetensors"));
    assertThat(home.resolve(name + "-whole/recipe.yaml")).content().contains("data-sha256", "dataset: gsm8k").doesNotContain("task:");
  }

  @Test void the_exported_folder_carries_tokenizer_and_generation_settings_along() throws IOException {
    Path own = home.resolve("own-base");
    Files.createDirectory(own);
    for (String name : List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")) Files.copy(base.resolve(name), own.resolve(name));
    String generation = "{\"eos_token_id\": [1, 7], \"max_new_tokens\": 5}\n";
    Files.writeString(own.resolve("generation_config.json"), generation);
    SmallRun.start(home.resolve("export"), recipe("model.path=" + own, "schedule.steps=1"));
    Path exported = home.resolve("export/checkpoints/step-1/model");
    assertThat(exported.resolve("generation_config.json")).hasContent(generation.strip());
    assertThat(exported.resolve("tokenizer.json")).hasSameBinaryContentAs(base.resolve("tokenizer.json"));
    assertThat(exported.resolve("tokenizer_config.json")).exists();
    assertThat(Files.readString(home.resolve("export/rollouts/step-1.jsonl"))).contains("#### ");
  }

  @Test void an_adapter_folder_and_the_model_it_is_merged_into_score_alike() throws IOException {
    SmallRun.start(home.resolve("lora"), fromBase("model.lora.rank=2", "schedule.steps=1", "method.entropy-coefficient=0.01"));
    Path step = home.resolve("lora/checkpoints/step-1");
    assertThat(step.resolve("adapter/adapter_config.json")).content().contains("\"peft_type\" : \"LORA\"", base.toAbsolutePath().normalize().toString());
    try (Policy merged = Policy.load(step.resolve("model"), Device.CPU, DType.FP32); Policy adapted = Policy.load(step.resolve("adapter"), Device.CPU, DType.FP32);
        Tokenizer tokenizer = Tokenizers.read(step.resolve("adapter"))) {
      int[] ids = tokenizer.encode("3 and 4?It is 7.");
      boolean[] trained = new boolean[ids.length];
      trained[ids.length - 1] = true;
      var rows = new TokenRows(new int[][] {ids}, new boolean[][] {trained});
      assertThat(adapted.score(rows, 1).logp()).containsExactly(merged.score(rows, 1).logp());
    }
    SmallRun.start(home.resolve("alone"), fromBase("model.lora.rank=2", "model.lora.merge=false", "schedule.steps=1", "method.entropy-coefficient=0.01"));
    assertThat(home.resolve("alone/checkpoints/step-1/adapter")).doesNotExist();
    assertThat(SmallRun.bytes(home.resolve("alone/checkpoints/step-1/model"))).isEqualTo(SmallRun.bytes(step.resolve("adapter")));
    Path alone = home.resolve("alone/checkpoints/step-1/model");
    SmallRun.start(home.resolve("onward"), recipe("model.path=" + alone, "schedule.steps=1"));
    assertThatThrownBy(() -> SmallRun.start(home.resolve("x"), recipe("model.path=" + alone, "model.lora.rank=2"))).hasMessageContaining("holds an adapter");
  }

  @Test void a_checker_that_accepts_none_of_the_datas_own_answers_is_warned_of() throws IOException {
    Path plain = Files.writeString(home.resolve("plain.jsonl"), IntStream.range(0, 40)
        .mapToObj(i -> "{\"question\": \"%d and %d?\", \"answer\": \"%d\"}".formatted(i, i + 1, 2 * i + 1)).collect(Collectors.joining("\n")));
    ResolvedRecipe recipe = fromBase("data.path=" + plain, "data.dataset=none", "verifier=number", "schedule.steps=0", "warm-start.steps=1", "warm-start.batch=2");
    SmallRun.start(home.resolve("warned"), recipe);
    assertThat(home.resolve("warned/events.jsonl")).content().contains("\"warning\"", "does not accept 8 of the first 8 solutions of the data", "no ':' in the answer");
    assertThat(Training.of(recipe).describe()).last().asString().startsWith("warning: the checker does not accept 8 of the first 8");
    assertThat(Training.of(fromBase("data.path=" + plain, "data.dataset=none", "verifier=exact")).describe()).last().asString().startsWith("to imitate");
    assertThat(Training.of(fromBase("data.path=" + plain, "data.dataset=none", "verifier=number", "data.answer=question")).describe()).last().asString()
        .contains("8 of the first 8 expected answers", "is no number");
  }

  /** Within one process a Map.of has one order; here every setting has to come in that of its name, so that another process finds the same data. */
  @Test void the_settings_of_data_and_checker_stand_in_the_order_of_their_names() {
    var recipe = fromBase("verifier=regex", "verifier.whole=true", "verifier.ignore-case=true", "verifier.extract=x").recipe();
    TaskFamily data = Setup.of(recipe, null, null, null).tasks();
    assertThat(data.settings().keySet()).containsSubsequence("verifier.extract", "verifier.ignore-case", "verifier.whole");
    var turned = new java.util.LinkedHashMap<String, Object>();
    List<String> names = new ArrayList<>(data.settings().keySet());
    for (String name : names.reversed()) turned.put(name, data.settings().get(name));
    TaskFamily other = (TaskFamily) java.lang.reflect.Proxy.newProxyInstance(TaskFamily.class.getClassLoader(), new Class<?>[] {TaskFamily.class},
        (_, method, arguments) -> method.getName().equals("settings") ? turned : method.invoke(data, arguments));
    assertThat(RunFacts.hash(other)).isEqualTo(RunFacts.hash(data));
  }

  @Test void what_does_not_fit_is_refused_before_anything_is_trained() throws IOException {
    assertThatThrownBy(() -> SmallRun.start(home.resolve("x"), fromBase("rollout.max-new=4000"))).hasMessageContaining("longer than the model's context");
    assertThatThrownBy(() -> SmallRun.start(home.resolve("x"), fromBase("data.chat=true"))).hasMessageContaining("has no chat template");
    assertThatThrownBy(() -> SmallRun.start(home.resolve("x"), fromBase("data.prompt=q"))).hasMessageContaining("sums.jsonl, line 1: no column 'q'; there are: question, answer");
    assertThatThrownBy(() -> SmallRun.start(home.resolve("x"), fromBase("data.longest-prompt=1"))).hasMessageContaining("60 rows were too long");
    assertThatThrownBy(() -> SmallRun.start(home.resolve("x"), recipe("model.path=" + home.resolve("nowhere")))).hasMessageContaining("is no folder");
    assertThatThrownBy(() -> SmallRun.start(home.resolve("x"), recipe("model.lora.rank=2", "model.lora.merge=false"))).hasMessageContaining("needs model.path");
    assertThatThrownBy(() -> SmallRun.start(home.resolve("x"), fromBase("model.lora.rank=2", "model.lora.targets=qproj"))).hasMessageContaining("target 'qproj' is unknown");
    SmallRun.start(home.resolve("changed"), fromBase("schedule.steps=1"));
    String before = Files.readString(data);
    Files.writeString(data, before.replace("1 and 2?", "1 und 2?"));
    assertThatThrownBy(() -> SmallRun.resume(home.resolve("changed"))).hasMessageContaining("the data has changed");
    Files.writeString(data, before);
  }
}
