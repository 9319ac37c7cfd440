package io.ballast.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ballast.verify.Task;
import io.ballast.verify.Verdict;
import io.ballast.verify.task.TaskSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTasksTest {
  @TempDir Path dir;

  private static FileTasks tasks(Object... settings) {
    var map = new LinkedHashMap<String, Object>();
    for (int i = 0; i < settings.length; i += 2) map.put((String) settings[i], settings[i + 1]);
    return FileTasks.of(DataSettings.of(map));
  }

  private static Set<String> prompts(TaskSource source) {
    return LongStream.range(0, source.size()).mapToObj(source::at).map(Task::prompt).collect(Collectors.toSet());
  }

  private Path numbered(int count) throws IOException {
    return Files.writeString(dir.resolve("all.jsonl"), IntStream.range(0, count)
        .mapToObj(i -> "{\"q\": \"What is %d?\", \"a\": %d, \"why\": \"because %d\", \"tip\": \"t%d\"}".formatted(i, i, i, i)).collect(Collectors.joining("\n")));
  }

  @Test void one_file_is_split_by_the_prompt_and_the_split_does_not_depend_on_order_or_size() throws IOException {
    Object[] settings = {"path", numbered(400).toString(), "prompt", "q", "answer", "a", "solution", "why", "hints", "tip", "eval-share", 0.25, "eval-count", 0};
    var all = tasks(settings);
    assertThat(all.training().size() + all.heldOut().size()).isEqualTo(400);
    assertThat(all.heldOut().size()).isBetween(70L, 130L);
    assertThat(prompts(all.training())).doesNotContainAnyElementsOf(prompts(all.heldOut()));
    var first = all.training().at(0);
    assertThat(all.demonstration(first, 7)).isEqualTo("because " + first.gold());
    assertThat(all.hints(first)).containsExactly("t" + first.gold());
    assertThat(all.verifier().verify(first.gold(), first.gold())).isInstanceOf(Verdict.Right.class);
    assertThat(all.alphabet()).contains("W", "?", "0", "b").doesNotContain("Z");
    numbered(200);
    assertThat(prompts(all.heldOut())).containsAll(prompts(tasks(settings).heldOut()));
    assertThat(FileTasks.of(DataSettings.of(all.settings())).settings()).isEqualTo(all.settings());
  }

  @Test void what_is_held_out_by_file_is_never_trained_on() throws IOException {
    Files.writeString(dir.resolve("train.csv"), "prompt,gold\na,1\nb,2\na,1\nc,3\n");
    Files.writeString(dir.resolve("test.csv"), "prompt,gold\nb,2\nd,4\n");
    var tasks = tasks("path", dir.toString());
    assertThat(prompts(tasks.training())).containsExactlyInAnyOrder("a", "c");
    assertThat(prompts(tasks.heldOut())).containsExactlyInAnyOrder("b", "d");
    assertThat(tasks.leftOut()).isEqualTo("0 too long, 1 repeated");
    var named = tasks("path", dir.resolve("train.csv").toString(), "eval-path", dir.resolve("test.csv").toString());
    assertThat(prompts(named.training())).isEqualTo(prompts(tasks.training()));
  }

  @Test void a_template_fills_columns_and_long_rows_are_left_out() throws IOException {
    Path file = numbered(300);
    var tasks = tasks("path", file.toString(), "answer", "a", "template", "{{Q}} {q}\nHint: {tip}\nA:", "longest-prompt", 28, "eval-share", 0.3);
    assertThat(prompts(tasks.training())).allMatch(prompt -> prompt.matches("(?s)\\{Q} What is \\d+\\?\nHint: t\\d+\nA:") && prompt.length() <= 28);
    assertThat(tasks.leftOut()).startsWith("200 too long").endsWith("0 repeated");
    assertThatThrownBy(() -> tasks("path", file.toString(), "answer", "a", "template", "{nope}")).hasMessageContaining("all.jsonl, line 1: no column 'nope'");
    assertThatThrownBy(() -> tasks("path", file.toString(), "answer", "a", "template", "a {q")).hasMessageContaining("character 3").hasMessageContaining("twice");
  }

  @Test void messages_go_through_the_chat_template_given() throws IOException {
    Files.writeString(dir.resolve("m.jsonl"), IntStream.range(0, 60)
        .mapToObj(i -> "{\"prompt\": [{\"role\": \"user\", \"content\": \"q%d\"}], \"gold\": {\"x\": %d}}".formatted(i, i)).collect(Collectors.joining("\n")));
    var settings = DataSettings.of(Map.of("path", dir.resolve("m.jsonl").toString(), "chat", true, "system", "Be brief.", "answer", "gold.x", "eval-share", 0.5));
    var tasks = FileTasks.of(settings, messages -> messages.stream().map(m -> m.get("role") + ":" + m.get("content")).collect(Collectors.joining("|")), String::length);
    assertThat(prompts(tasks.training())).allMatch(prompt -> prompt.matches("system:Be brief\\.\\|user:q\\d+"));
    assertThatThrownBy(() -> FileTasks.of(settings)).hasMessageContaining("line 1: data: chat needs a model with a chat template");
  }

  @Test void math_solutions_give_their_last_box() throws IOException {
    for (String part : List.of("train", "test")) {
      Path folder = Files.createDirectories(dir.resolve(part).resolve("algebra"));
      Files.writeString(folder.resolve("1.json"), "{\"problem\": \"%s one\", \"level\": \"Level 1\", \"solution\": \"so $\\\\boxed{1}$, no: $\\\\boxed{\\\\frac{1}{2}}$.\"}".formatted(part));
      Files.writeString(folder.resolve("2.json"), "{\"problem\": \"%s two\", \"solution\": \"it is $\\\\boxed 7$.\"}".formatted(part));
    }
    var tasks = tasks("path", dir.toString(), "dataset", "math", "verifier", "exact");
    assertThat(LongStream.range(0, 2).mapToObj(i -> tasks.training().at(i).gold())).containsExactly("\\frac{1}{2}", "7");
    assertThat(tasks.demonstration(tasks.heldOut().at(1), 0)).isEqualTo("it is $\\boxed 7$.");
    Files.writeString(dir.resolve("train/algebra/3.json"), "{\"problem\": \"p\", \"solution\": \"none\"}");
    assertThatThrownBy(() -> tasks("path", dir.toString(), "dataset", "math", "verifier", "exact")).hasMessageContaining("3.json").hasMessageContaining("no \\boxed{}");
  }

  @Test void settings_that_do_not_fit_are_refused_by_name() throws IOException {
    String path = numbered(10).toString();
    assertThatThrownBy(() -> tasks("prompt", "q")).hasMessageContaining("data: path or sql must say");
    assertThatThrownBy(() -> tasks("path", path, "promt", "q")).hasMessageContaining("did you mean prompt");
    assertThatThrownBy(() -> tasks("path", path, "dataset", "gsm9k")).hasMessageContaining("gsm8k");
    assertThatThrownBy(() -> tasks("path", path, "verifier", "nope")).hasMessageContaining("unknown verifier 'nope'");
    assertThatThrownBy(() -> tasks("path", path, "verifier", "exact", "verifier.nope", 1, "prompt", "q", "answer", "a")).hasMessageContaining("nope");
    assertThatThrownBy(() -> tasks("path", path, "eval-share", 1.0)).hasMessageContaining("eval-share must be above 0 and below 1");
    assertThatThrownBy(() -> tasks("path", path, "system", "s")).hasMessageContaining("needs chat");
    assertThatThrownBy(() -> tasks("path", path, "answer", "a", "prompt", "q", "longest-prompt", 1)).hasMessageContaining("0 prompts to train on").hasMessageContaining("10 rows were too long");
  }

  @Test void data_without_an_example_and_texts_that_cannot_be_counted_say_where() throws IOException {
    Path empty = Files.writeString(dir.resolve("empty.jsonl"), "\n\n");
    assertThatThrownBy(() -> tasks("path", empty.toString())).hasMessage("data: %s holds no example".formatted(empty));
    var settings = DataSettings.of(Map.of("path", numbered(20).toString(), "prompt", "q", "answer", "a"));
    assertThatThrownBy(() -> FileTasks.of(settings, _ -> "", text -> {
      if (text.contains("7")) throw new IllegalArgumentException("character '7' is unknown");
      return 1;
    })).hasMessageContaining("all.jsonl, line 8: character '7' is unknown");
    assertThatThrownBy(() -> tasks("path", numbered(20).toString())).hasMessageContaining("all.jsonl, line 1: no column for the prompt");
  }

  @Test void gsm8k_is_known_by_name() {
    Path folder = Path.of(System.getProperty("ballast.root", "..")).resolve("../shared/data/gsm8k");
    Assumptions.assumeTrue(Files.isRegularFile(folder.resolve("train.jsonl")), "no GSM8K in " + folder.normalize());
    var tasks = tasks("path", folder.toString(), "dataset", "gsm8k", "eval-count", 0);
    assertThat(tasks.training().size()).isEqualTo(7_473);
    assertThat(tasks.heldOut().size()).isEqualTo(1_319);
    var first = tasks.training().at(0);
    assertThat(first.gold()).isEqualTo("72");
    assertThat(tasks.demonstration(first, 0)).isEqualTo(
        "Natalia sold 48/2 = 24 clips in May.\nNatalia sold 48+24 = 72 clips altogether in April and May.\n#### 72");
    for (var source : List.of(tasks.training(), tasks.heldOut())) {
      for (long i = 0; i < source.size(); i++) {
        Task task = source.at(i);
        assertThat(tasks.verifier().verify(task.gold(), tasks.demonstration(task, i))).as("task %d: %s", i, task.prompt()).isInstanceOf(Verdict.Right.class);
      }
    }
  }
}
