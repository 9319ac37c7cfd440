package io.ballast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.ledger.Json;
import io.ballast.method.Methods;
import io.ballast.model.Architecture;
import io.ballast.model.ModelConfig;
import io.ballast.model.Policy;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import io.ballast.text.CharTokenizer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  private static final String CASE = "{\"name\": \"a\", \"method\": \"ppo\", \"sequences\": [{\"logp\": [-0.5, -1], \"oldLogp\": [-0.5, -1], \"mask\": [1, 0], \"advantage\": 2}]}";

  @TempDir Path home;

  /** What one command line did. */
  private record Outcome(int status, String out, String err) {
    List<Map<String, Object>> json() {
      return out.lines().map(Json::object).toList();
    }
  }

  private static Outcome run(String... args) {
    return runOn("", args);
  }

  private static Outcome runOn(String stdin, String... args) {
    InputStream before = System.in;
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    try {
      System.setIn(new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)));
      var printed = new PrintStream(out, false, StandardCharsets.UTF_8);
      int status = Main.run(printed, new PrintStream(err, true, StandardCharsets.UTF_8), args);
      printed.flush();
      return new Outcome(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setIn(before);
    }
  }

  @Test void help_names_every_verb_and_so_does_no_verb_at_all() {
    for (var outcome : List.of(run("--help"), run())) {
      assertThat(outcome.status()).isZero();
      assertThat(outcome.out()).contains("train", "sft", "eval", "generate", "score", "probe", "verify", "methods", "bench", "report");
      assertThat(outcome.err()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"train", "sft", "eval", "generate", "score", "probe", "verify", "methods", "bench", "report"})
  void every_verb_has_help(String verb) {
    var outcome = run(verb, "--help");
    assertThat(outcome.status()).isZero();
    assertThat(outcome.out()).startsWith("Usage: ballast " + verb).contains("ballast " + verb + " ");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "trian | unknown verb \"trian\"; did you mean \"train\"? allowed: bench, eval",
      "probe --inptu x | unknown option \"--inptu\"; did you mean \"--input\"?",
      "probe | probe needs --input",
      "probe --input no-such-file | no-such-file does not exist",
      "methods bapoo | unknown method \"bapoo\"; did you mean \"bapo\"?",
      "train --set rollout.temprature=1 | did you mean rollout.temperature?",
      "train --set method=gropo --dry-run | unknown method \"gropo\"; did you mean \"grpo\"?",
      "train --set method.targte=1 --dry-run | did you mean \"target\"?",
      "train --set task.digits=0.5 --dry-run | digits must be a whole number",
      "train no-such.yaml | recipe no-such.yaml does not exist",
      "train --resume | --resume needs --run DIR",
      "verify --verifier gsm --input - | did you mean gsm8k?",
      "verify --input - | verify needs --verifier, one of:",
      "report no-such-run | there is no run at no-such-run",
      "score --tokens - | --model DIR is missing",
      "score --model no-such-dir --tokens - | --model no-such-dir does not exist",
      "generate --model . | generate needs either --prompt TEXT or --tokens",
      "eval --model . --data nothing.jsonl --verifier gsm8k | nothing.jsonl",
      "bench objective --set tokens=3 --set sequences=4 | tokens must be at least sequences (4), got 3",
      "bench objective --set iterations=0 | iterations must be at least 1, got 0",
      "bench objective --set warmup=1 | did you mean \"warm-up\"?",
      "bench rollout --set device=gpu | device must be cpu, cuda or cuda:N, got 'gpu'",
      "methods ppo grpo | unexpected argument \"grpo\" after methods",
  })
  void a_wrong_request_is_status_2_and_says_what_and_what_instead(String line, String message) {
    var outcome = run(line.split(" "));
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err()).startsWith("ballast: ").contains(message);
    assertThat(outcome.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "train --set device=cuda --run RUN", "sft --set device=cuda --run RUN", "eval --model . --data arithmetic --device cuda", "generate --model . --prompt a --device cuda",
      "score --model . --tokens - --device cuda", "bench step --set device=cuda"
  })
  void a_build_without_cuda_is_status_2_and_says_how_to_get_it(String line) {
    var outcome = run(line.replace("RUN", home.resolve("run").toString()).split(" "));
    assertThat(outcome.err()).isEqualTo(
        "ballast: device cuda:0: this build computes on CPUs only; run BALLAST_PROFILE=cuda ./ballast (or build with mvn -Pcuda), or use device cpu" + System.lineSeparator());
    assertThat(outcome.status()).isEqualTo(2);
  }

  @Test void methods_are_listed_one_json_object_each() {
    var objects = run("methods", "--json").json();
    assertThat(objects).extracting(object -> object.get("id")).containsExactlyElementsOf(Methods.all().stream().map(method -> (Object) method.id()).toList());
    assertThat(objects).allSatisfy(object -> {
      assertThat(object).containsKeys("id", "title", "paper", "kind", "parts", "confidence", "needs", "settings");
      assertThat((List<?>) object.get("settings")).allSatisfy(setting -> assertThat(((Map<?, ?>) setting).keySet().toString()).contains("name", "default", "meaning", "source"));
    });
  }

  @Test void an_objective_is_timed_beside_ppo_on_the_same_numbers() {
    var lines = run("bench", "objective", "--json", "--set", "method=dispo", "--set", "tokens=4000", "--set", "sequences=16", "--set", "threads=2",
        "--set", "warm-up=1", "--set", "iterations=3", "--set", "forks=0").json();
    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst()).containsOnlyKeys("method", "millis", "nanosPerToken", "ratioToPpo", "bytesAllocatedPerToken", "machine").containsEntry("method", "dispo");
    assertThat(List.of("millis", "nanosPerToken", "ratioToPpo", "bytesAllocatedPerToken"))
        .allSatisfy(name -> assertThat((Double) lines.getFirst().get(name)).as(name).isPositive());
  }

  @Test void an_objective_that_reads_more_than_probe_knows_says_so_beside_its_time() {
    var lines = run("bench", "objective", "--json", "--set", "method=erc", "--set", "tokens=100", "--set", "sequences=4", "--set", "warm-up=0",
        "--set", "iterations=1", "--set", "forks=0").json();
    assertThat(lines.getFirst()).containsEntry("beyondProbe", List.of("oldEntropy"));
  }

  @Test void a_method_is_shown_with_its_settings() {
    assertThat(run("methods", "bapo").out()).contains("bapo: ", "balance", "low-start", "0.6", "arXiv");
  }

  @Test void probe_evaluates_a_case_by_hand() {
    // one trained token at ratio 1 with A = 2: loss −2, gradient −2, and 0 at the masked token
    var result = runOn(CASE, "probe", "--input", "-").json().getFirst();
    assertThat(result).containsEntry("name", "a").containsEntry("method", "ppo").containsEntry("loss", -2.0);
    assertThat(result.get("dlogp")).isEqualTo(List.of(List.of(-2.0, 0.0)));
  }

  @Test void probe_reads_objects_arrays_lines_and_folders_in_order() throws IOException {
    String other = CASE.replace("\"a\"", "\"b\"");
    for (String input : List.of(CASE + "\n" + other, "[" + CASE + "," + other + "]")) {
      assertThat(runOn(input, "probe", "--input", "-").json()).extracting(result -> result.get("name")).containsExactly("a", "b");
    }
    Files.writeString(home.resolve("2.json"), CASE);
    Files.writeString(home.resolve("1.json"), other);
    Files.writeString(home.resolve("README.md"), "not a case");
    assertThat(run("probe", "--input", home.toString()).json()).extracting(result -> result.get("name")).containsExactly("b", "a");
  }

  @Test void probe_takes_method_and_settings_from_the_command_line() {
    var result = runOn(CASE, "probe", "--input", "-", "--method", "grpo", "--set", "clip-low=0.1", "--set", "method.clip-high=0.3").json().getFirst();
    assertThat(result).containsEntry("method", "grpo");
    assertThat(runOn(CASE, "probe", "--input", "-", "--set", "clip-lwo=0.1").err()).contains("case \"a\"").contains("did you mean \"clip-low\"?");
  }

  @Test void probe_names_case_sequence_and_field() {
    var nan = runOn(CASE.replace("-0.5, -1], \"mask", "NaN, -1], \"mask"), "probe", "--input", "-");
    assertThat(nan.status()).isEqualTo(2);
    assertThat(nan.err()).contains("case \"a\", sequence 0, token 0: oldLogp is NaN");
    var broken = runOn("{\"method\": \"ppo\", ]", "probe", "--input", "-");
    assertThat(broken.status()).isEqualTo(2);
    assertThat(broken.err()).contains("stdin: line 1, column").contains("not JSON");
    assertThat(runOn(" ", "probe", "--input", "-").err()).contains("stdin holds no case");
  }

  @Test void verify_answers_every_line_and_marks_those_that_are_none() {
    var outcome = runOn("""
        {"gold": "#### 4", "answer": "so #### 4.", "more": 1}
        {"gold": "#### 4", "answer": "#### 5"}
        {"gold": "#### 4", "answer": "no idea"}

        garbage
        {"gold": "4"}
        """, "verify", "--verifier", "gsm8k", "--input", "-");
    assertThat(outcome.json()).extracting(result -> result.get("verdict")).containsExactly("right", "wrong", "unanswered", "invalid", "invalid");
    assertThat(outcome.json()).extracting(result -> result.get("score")).containsExactly(1.0, 0.0, 0.0, 0.0, 0.0);
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(runOn("{\"gold\": \"#### 4\", \"answer\": \"#### 4\"}", "verify", "--verifier", "gsm8k", "--input", "-").status()).isZero();
  }

  @Test void the_expected_answers_of_a_data_set_are_checked_as_they_are() {
    var outcome = runOn("{\"question\": \"?\", \"answer\": \"1 + 1 = 2\\n#### 2\"}\n{\"gold\": \"none\", \"answer\": \"#### 2\"}\n{\"q\": 1}\n", "verify", "--verifier", "gsm8k", "--lint-gold", "--input", "-");
    assertThat(outcome.json()).extracting(result -> result.get("verdict")).containsExactly("right", "unreadable-gold", "invalid");
    assertThat(outcome.err()).contains("1 right, 1 unreadable-gold, 1 invalid");
    assertThat(outcome.status()).isEqualTo(2);
  }

  @Test void verify_keeps_the_order_of_its_input_over_all_cores() {
    var lines = IntStream.range(0, 3_000).mapToObj(i -> "{\"gold\": \"%d\", \"answer\": \"#### %d\"}".formatted(i, i % 7 == 0 ? i + 1 : i)).collect(Collectors.joining("\n"));
    var outcome = runOn(lines, "verify", "--verifier", "gsm8k", "--input", "-");
    assertThat(outcome.json()).hasSize(3_000);
    for (int i = 0; i < 3_000; i++) assertThat(outcome.json().get(i).get("extracted")).isEqualTo(String.valueOf(i % 7 == 0 ? i + 1 : i));
    assertThat(outcome.err()).contains("2571 right, 429 wrong");
  }

  @Test void a_dry_run_of_data_shows_what_was_read_and_still_reads_back() throws IOException {
    Path file = Files.writeString(home.resolve("all.jsonl"), IntStream.range(0, 60).mapToObj(i -> "{\"q\": \"%d?\", \"a\": %d}\n".formatted(i, i)).collect(Collectors.joining()));
    String[] line = {"train", "--dry-run", "--set", "data.path=" + file, "--set", "data.prompt=q", "--set", "data.answer=a", "--set", "data.eval-share=0.3", "--set", "verifier=number"};
    var outcome = run(line);
    assertThat(outcome.status()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("# data all.jsonl: ", "answers are checked by number", "# their hash (SHA-256): ", "# expected answer: \"").doesNotContain("task:");
    assertThat(run("train", Files.writeString(home.resolve("again.yaml"), outcome.out()).toString(), "--dry-run").out().replaceAll(" +#.*", ""))
        .isEqualTo(outcome.out().replaceAll(" +#.*", ""));
    Files.writeString(file, Files.readString(file) + "nonsense\n");
    assertThat(run(line).status()).isEqualTo(2);
    assertThat(run(line).err()).contains("all.jsonl, line 61");
  }

  @Test void eval_goes_through_a_data_file_in_pieces_and_counts_every_prompt() throws IOException {
    Path model = home.resolve("model");
    String letters = "Q1234567890?:# ";
    new CharTokenizer(letters).save(model);
    try (var policy = Policy.random(ModelConfig.dense(Architecture.QWEN2, letters.length() + 2, 16, 32, 1, 2, 1, true, 64, null, List.of(1)), 3, Device.CPU, DType.FP32)) {
      policy.save(model);
    }
    Path file = Files.writeString(home.resolve("test.jsonl"), IntStream.range(0, 70)
        .mapToObj(i -> "{\"question\": \"%d?\", \"answer\": \"#### %d\"}\n".formatted(i, i)).collect(Collectors.joining()));
    String[] line = {"eval", "--model", model.toString(), "--data", home.toString(), "--set", "data.dataset=gsm8k", "--set", "data.template=Q: {question}", "--samples", "4",
        "--max-new", "6", "--json"};
    var outcome = run(line);
    assertThat(outcome.status()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("sampling  step 280/280").doesNotContain("SLF4J");
    var result = outcome.json().getFirst();
    assertThat(result).containsEntry("prompts", 70L).containsEntry("samples", 4L).containsKeys("passAt1", "passAt2", "passAt4", "avgAt4");
    assertThat(((Map<?, ?>) result.get("passAt4")).keySet().toString()).isEqualTo("[value, low, high]");
    assertThat(((Map<?, ?>) result.get("verdicts")).values().stream().mapToLong(count -> (Long) count).sum()).isEqualTo(280);
    assertThat(run(line).out()).isEqualTo(outcome.out());
    Files.writeString(file, Files.readString(file) + "{\"question\": \"1?\"}\n");
    var broken = run(line);
    assertThat(broken.status()).isEqualTo(2);
    assertThat(broken.err()).contains("test.jsonl, line 71").contains("no column 'answer'");
    assertThat(run("eval", "--model", model.toString(), "--data", file.toString()).err()).contains("--verifier is missing");
    assertThat(run("eval", "--model", model.toString(), "--data", file.toString(), "--verifier", "exact", "--set", "data.promt=x").err()).contains("did you mean prompt?");
  }

  @Test void a_dry_run_prints_a_recipe_that_reads_back() throws IOException {
    var first = run("train", "--set", "method=grpo", "--set", "rollout.group-size=4", "--dry-run");
    assertThat(first.status()).isZero();
    assertThat(first.out()).containsPattern("group-size: 4 +# --set").containsPattern("id: grpo +# --set").containsPattern("staleness: 4 +# default");
    Path recipe = Files.writeString(home.resolve("recipe.yaml"), first.out());
    assertThat(withoutOrigins(run("train", recipe.toString(), "--dry-run").out())).isEqualTo(withoutOrigins(first.out()));
  }

  private static String withoutOrigins(String yaml) {
    return yaml.replaceAll(" +# .*", "");
  }

  @Test void the_small_verbs_load_no_native_or_heavy_library() throws Exception {
    Path cases = Files.writeString(home.resolve("case.json"), CASE);
    for (String[] args : new String[][] {{"--help"}, {"methods"}, {"train", "--dry-run"}, {"probe", "--input", cases.toString()}}) {
      var command = new java.util.ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
          "-Xlog:class+load:file=" + home.resolve("classes.log"), "-cp", System.getProperty("java.class.path"), "io.ballast.cli.Main"));
      command.addAll(List.of(args));
      int status = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
      assertThat(status).isZero();
      assertThat(Files.readString(home.resolve("classes.log"))).contains("io.ballast.cli.Main")
          .doesNotContain(" org.bytedeco.").doesNotContain(" org.duckdb.").doesNotContain(" org.matheclipse.").doesNotContain(" ai.djl.")
          .doesNotContain(" com.fasterxml.jackson.databind.");
    }
  }

  @Test void the_readme_links_the_page_of_every_method() throws IOException {
    Path root = Path.of(System.getProperty("ballast.root", ".."));
    String readme = Files.readString(root.resolve("README.md"));
    for (var method : Methods.all()) {
      String page = "docs/methods/" + method.id() + ".md";
      assertThat(readme).contains("[`" + method.id() + "`](" + page + ")");
      assertThat(root.resolve(page)).exists();
    }
  }
}
