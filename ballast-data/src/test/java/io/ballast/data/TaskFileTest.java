package io.ballast.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ballast.verify.Task;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskFileTest {
  @TempDir Path home;

  private Path write(String text) throws IOException {
    return Files.writeString(home.resolve("data.jsonl"), text);
  }

  private static List<Task> read(Path path, String... settings) {
    var given = new LinkedHashMap<String, Object>(Map.of("path", path.toString()));
    for (int i = 0; i < settings.length; i += 2) given.put(settings[i], settings[i + 1]);
    var tasks = new ArrayList<Task>();
    new TaskFile(DataSettings.of(given), messages -> "<" + messages.getLast().get("content") + ">").each(tasks::add);
    return tasks;
  }

  private List<Task> read(String text) throws IOException {
    return read(write(text));
  }

  @Test void usual_names_are_found_and_numbers_become_text() throws IOException {
    assertThat(read("{\"question\":\"1+1?\",\"answer\":\"#### 2\"}\n\n{\"prompt\":\"2+2?\",\"gold\":4}\n"))
        .containsExactly(new Task(0, "1+1?", "#### 2"), new Task(1, "2+2?", "4"));
  }

  @Test void names_of_ones_own_go_first_and_templates_write_the_prompt() throws IOException {
    Path file = write("{\"q\":\"1\",\"prompt\":\"2\",\"a\":\"3\"}");
    assertThat(read(file, "prompt", "q", "answer", "a")).containsExactly(new Task(0, "1", "3"));
    assertThat(read(file, "template", "Q {q}:", "answer", "a", "chat", "true")).containsExactly(new Task(0, "<Q 1:>", "3"));
  }

  @Test void a_folder_with_a_test_part_is_its_test_part_with_repeats() throws IOException {
    Files.writeString(home.resolve("train.jsonl"), "{\"question\":\"t\",\"answer\":\"#### 1\"}");
    Files.writeString(home.resolve("test.jsonl"), "{\"question\":\"a\",\"answer\":\"#### 1\"}\n".repeat(2));
    assertThat(read(home, "dataset", "gsm8k")).containsExactly(new Task(0, "a", "1"), new Task(1, "a", "1"));
  }

  @Test void mistakes_name_file_and_line() throws IOException {
    assertThatThrownBy(() -> read("{\"prompt\":\"1\",\"gold\":\"1\"}\nnonsense\n")).hasMessageContaining("data.jsonl, line 2");
    assertThatThrownBy(() -> read("[1]")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> read("{\"prompt\":\"1\",\"godl\":\"1\"}"))
        .hasMessageContaining("no column for the expected answer (looked for gold, answer, solution, target; the row has prompt, godl)");
    assertThatThrownBy(() -> read("")).hasMessageContaining("is empty");
    assertThatThrownBy(() -> read(home.resolve("none"))).isInstanceOf(IllegalArgumentException.class);
    Path latin = Files.write(home.resolve("latin.jsonl"), "{\"prompt\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> read(latin)).isInstanceOf(IllegalArgumentException.class);
  }
}
