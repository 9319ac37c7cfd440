package io.ballast.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ballast.verify.Task;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskFileTest {
  @TempDir Path home;

  private TaskFile file(String text) throws IOException {
    return new TaskFile(Files.writeString(home.resolve("data.jsonl"), text), null, null);
  }

  @Test void usual_names_are_found_and_numbers_become_text() throws IOException {
    assertThat(file("{\"question\":\"1+1?\",\"answer\":\"#### 2\"}\n\n{\"prompt\":\"2+2?\",\"gold\":4}\n").read())
        .containsExactly(new Task(0, "1+1?", "#### 2"), new Task(1, "2+2?", "4"));
  }

  @Test void names_of_ones_own_go_first() throws IOException {
    var own = new TaskFile(file("{\"q\":\"1\",\"prompt\":\"2\",\"a\":\"3\"}").file(), "q", "a");
    assertThat(own.read()).containsExactly(new Task(0, "1", "3"));
  }

  @Test void mistakes_name_file_and_line() throws IOException {
    assertThatThrownBy(() -> file("{\"prompt\":\"1\",\"gold\":\"1\"}\nnonsense\n").read()).hasMessageContaining("data.jsonl");
    assertThatThrownBy(() -> file("[1]").read()).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> file("{\"prompt\":\"1\",\"godl\":\"1\"}").read())
        .hasMessageContaining("no column for the expected answer (looked for gold, answer, solution, target; the row has prompt, godl)");
    assertThatThrownBy(() -> file("").read()).hasMessageContaining("is empty");
    assertThatThrownBy(() -> new TaskFile(home.resolve("none"), null, null).read()).isInstanceOf(IllegalArgumentException.class);
    Files.write(home.resolve("latin"), "{\"prompt\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> new TaskFile(home.resolve("latin"), null, null).read()).isInstanceOf(IllegalArgumentException.class);
  }
}
