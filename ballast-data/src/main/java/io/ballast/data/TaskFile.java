package io.ballast.data;

import io.ballast.verify.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every row of a file as a task, in order and with repeats: what an evaluation runs over. The id of a task is its row's number, from 0.
 *
 * @param prompt column of the prompt; null: the first of {@code prompt, question, problem, input} that a row has
 * @param gold column of the expected answer; null: the first of {@code gold, answer, solution, target}
 */
public record TaskFile(Path file, @Nullable String prompt, @Nullable String gold) {
  private static final List<String> PROMPTS = List.of("prompt", "question", "problem", "input");
  private static final List<String> GOLDS = List.of("gold", "answer", "solution", "target");

  /**
   * Every task of the file, in order.
   *
   * @throws IllegalArgumentException naming file and row, if the file is missing, empty or malformed or a column is not there
   */
  public List<Task> read() {
    List<Task> tasks = new ArrayList<>();
    Rows.read(file, null, row -> tasks.add(new Task(tasks.size(), field(row, "prompt", prompt, PROMPTS), field(row, "expected answer", gold, GOLDS))));
    if (tasks.isEmpty()) throw new IllegalArgumentException("%s is empty; it must hold at least one example".formatted(file));
    return tasks;
  }

  private static String field(Row row, String what, @Nullable String name, List<String> usual) {
    List<String> names = name == null ? usual : List.of(name);
    for (String one : names) if (row.values().get(one) != null) return row.text(one);
    throw row.refused("no column for the %s (looked for %s; the row has %s)".formatted(what, String.join(", ", names), String.join(", ", row.values().keySet())));
  }
}
