package io.ballast.verify.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ballast.verify.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TaskFamilyTest {

  @TempDir static Path folder;

  static Stream<TaskFamily> flawless() throws IOException {
    return Stream.of(
        Tasks.named("arithmetic", Map.of("forget", 0)),
        Tasks.named("arithmetic", Map.of("forget", 0, "digits", 2, "operands", 9)),
        Tasks.named("arithmetic", Map.of("forget", 0, "operators", "+-*", "steps", "running", "operands", 3)),
        Tasks.named("arithmetic", Map.of("forget", 0, "operators", "-", "steps", "none")),
        Tasks.named("countdown", Map.of("wrong", 0)),
        Tasks.named("countdown", Map.of("wrong", 0, "numbers", 4, "use", "some", "steps", false, "largest", 99)),
        Tasks.named("gsm8k-calculator", Map.of("forget", 0, "path", gsm8k())));
  }

  private static String gsm8k() throws IOException {
    var test = new StringBuilder();
    var train = new StringBuilder();
    for (int i = 2; i < 60; i++) {
      train.append("{\"question\": \"q\", \"answer\": \"He has <<%d*3=%d>>%d, so <<%d/2=%d>>.\\n#### 1\"}%n".formatted(i, i * 3, i * 3, 2 * i, i));
      if (i % 5 == 0) test.append("{\"question\": \"q\", \"answer\": \"<<%d*3=%d>> and <<%d+1=%d>>\"}%n".formatted(i, i * 3, i, i + 1));
    }
    Files.writeString(folder.resolve("train.jsonl"), train);
    Files.writeString(folder.resolve("test.jsonl"), test);
    return folder.toString();
  }

  @ParameterizedTest @MethodSource("flawless")
  void flawless_demonstrations_are_right_and_within_the_stated_lengths_and_alphabet(TaskFamily family) {
    for (var source : new TaskSource[] {family.training(), family.heldOut()}) {
      for (long i = 0; i < Math.min(300, source.size()); i++) {
        var task = source.at(i);
        var shown = family.demonstration(task, i);
        assertThat(family.verifier().verify(task.gold(), shown)).as("%s %s", task, shown).isInstanceOf(Verdict.Right.class);
        assertThat(task.prompt().length()).isLessThanOrEqualTo(family.longestPrompt());
        assertThat(shown.length()).as(shown).isLessThanOrEqualTo(family.longestAnswer());
        assertThat((task.prompt() + shown).chars()).allMatch(c -> family.alphabet().indexOf(c) >= 0, task.prompt() + shown);
      }
    }
    assertThat(family.alphabet().chars()).doesNotHaveDuplicates();
  }

  @ParameterizedTest @MethodSource("flawless")
  void no_held_out_prompt_is_trained_on_and_all_are_different(TaskFamily family) {
    var heldOut = new HashSet<String>();
    var ids = new HashSet<Long>();
    var source = family.heldOut();
    for (long i = 0; i < source.size(); i++) {
      assertThat(heldOut.add(source.at(i).prompt())).isTrue();
      ids.add(source.at(i).id());
    }
    assertThat(heldOut).isNotEmpty();
    for (long i = 0; i < Math.min(5_000, family.training().size()); i++) {
      assertThat(heldOut).doesNotContain(family.training().at(i).prompt());
      assertThat(ids).doesNotContain(family.training().at(i).id());
    }
  }

  @ParameterizedTest @MethodSource("flawless")
  void the_same_settings_give_the_same_tasks_and_demonstrations(TaskFamily family) {
    var again = Tasks.named(family.name(), family.settings());
    for (long i : new long[] {0, 7, 1}) {
      var task = family.training().at(i);
      assertThat(again.training().at(i)).isEqualTo(task);
      assertThat(again.heldOut().at(i)).isEqualTo(family.heldOut().at(i));
      assertThat(again.demonstration(task, 3)).isEqualTo(family.demonstration(task, 3));
    }
  }

  @ParameterizedTest @MethodSource("flawless")
  void outside_the_source_there_is_nothing(TaskFamily family) {
    assertThatThrownBy(() -> family.training().at(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> family.heldOut().at(family.heldOut().size()))
        .isInstanceOf(IndexOutOfBoundsException.class).hasMessageContaining("numbers run from 0");
  }

  @Test void default_demonstrations_are_wrong_now_and_then() throws IOException {
    for (var family : new TaskFamily[] {Tasks.named("arithmetic", Map.of()), Tasks.named("countdown", Map.of()),
        Tasks.named("gsm8k-calculator", Map.of("path", gsm8k()))}) {
      long right = LongStream.range(0, 1_000).filter(i -> {
        var task = family.training().at(i % Math.min(1_000, family.training().size()));
        return family.verifier().verify(task.gold(), family.demonstration(task, i)).score() == 1;
      }).count();
      assertThat(right).as(family.name()).isBetween(150L, 850L);
    }
  }

  @Test void a_forgotten_carry_is_left_out_of_the_next_column_and_nothing_else() {
    // 839+962 with every carry forgotten: 9+2=11, 3+6=9, 8+9=17
    var family = Tasks.named("arithmetic", Map.of("forget", 1));
    assertThat(family.demonstration(new io.ballast.verify.Task(1, "839+962=", "1801"), 0)).isEqualTo("9+2=11,3+6=9,8+9=17:1791");
    var careful = Tasks.named("arithmetic", Map.of("forget", 0));
    assertThat(careful.demonstration(new io.ballast.verify.Task(1, "839+962=", "1801"), 0)).isEqualTo("9+2=11,3+6+1=10,8+9+1=18:1801");
  }

  @Test void a_sum_and_its_permutation_are_on_the_same_side() {
    var family = Tasks.named("arithmetic", Map.of("digits", 2, "held-out", 5_000));
    var heldOut = new HashSet<String>();
    for (long i = 0; i < family.heldOut().size(); i++) heldOut.add(family.heldOut().at(i).prompt());
    assertThat(heldOut).hasSizeBetween(600, 1_000); // a tenth of 8,100
    for (long i = 0; i < 3_000; i++) {
      var terms = family.training().at(i).prompt().replace("=", "").split("\\+");
      assertThat(heldOut).doesNotContain(terms[1] + "+" + terms[0] + "=");
    }
  }

  @Test void gsm8k_steps_of_the_real_files_are_those_that_can_be_written_on_paper() {
    var path = Path.of(System.getProperty("ballast.root", ".."), "../shared/data/gsm8k");
    org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(path), "no GSM8K at " + path);
    var family = Tasks.named("gsm8k-calculator", Map.of("path", path.toString(), "held-out", 0, "forget", 0, "shared", true));
    // counts of an independent reading of the same files
    assertThat(family.training().size()).isEqualTo(7_394);
    assertThat(family.heldOut().size()).isEqualTo(2_099);
    assertThat(family.longestAnswer()).isEqualTo(68);
    for (var source : new TaskSource[] {family.training(), family.heldOut()}) {
      for (long i = 0; i < source.size(); i++) {
        var task = source.at(i);
        assertThat(family.verifier().verify(task.gold(), family.demonstration(task, 0)).score()).as("%s", task).isEqualTo(1);
      }
    }
    var disjoint = Tasks.named("gsm8k-calculator", Map.of("path", path.toString(), "held-out", 0));
    assertThat(disjoint.heldOut().size()).isEqualTo(2_099);
    assertThat(disjoint.training().size()).isEqualTo(7_394 - (2_099 - 843));
  }

  @org.junit.jupiter.params.ParameterizedTest
  @org.junit.jupiter.params.provider.CsvSource(delimiter = '|', value = {
      "1200+1000+960 | 0+0+0=0,0+0+6=6,2+0+9=11,1+1+1=3:3160",
      "251-197       | 11-7=4,15-9-1=5,2-1-1=0:54",
      "8*15          | 5*8=40,1*8+4=12:120",
      "100*1/4       | 0*1=0,0*1=0,1*1=1:100;10/4=2r2,20/4=5r0:25",
      "32-4-8        | 12-4=8,3-1=2:28;8-8=0,2=2:20"})
  void a_step_is_written_as_on_paper(String expression, String written) throws IOException {
    var family = Tasks.named("gsm8k-calculator", Map.of("path", gsm8k(), "forget", 0));
    assertThat(family.demonstration(new io.ballast.verify.Task(1, expression + "=", ""), 0)).isEqualTo(written);
  }

  @Test void bad_settings_are_refused_by_name() {
    assertThatThrownBy(() -> Tasks.named("countdwon", Map.of())).hasMessage(
        "unknown task 'countdwon'; did you mean countdown? known: arithmetic, countdown, gsm8k-calculator");
    assertThatThrownBy(() -> Tasks.named("arithmetic", Map.of("digit", 3))).hasMessageStartingWith(
        "unknown setting of task arithmetic 'digit'; did you mean digits?");
    assertThatThrownBy(() -> Tasks.named("arithmetic", Map.of("digits", "three"))).hasMessage(
        "task arithmetic: digits must be a whole number, got 'three'");
    assertThatThrownBy(() -> Tasks.named("arithmetic", Map.of("forget", Double.NaN))).hasMessage(
        "task arithmetic: forget must be in [0.0, 1.0], got NaN");
    assertThatThrownBy(() -> Tasks.named("arithmetic", Map.of("operators", "+-"))).hasMessageContaining("use 'running' or 'none'");
    assertThatThrownBy(() -> Tasks.named("gsm8k-calculator", Map.of())).hasMessageContaining("path must name the folder");
    assertThatThrownBy(() -> Tasks.named("gsm8k-calculator", Map.of("path", "nowhere"))).hasMessageContaining("no file nowhere");
  }
}
