package io.ballast.data;

import io.ballast.verify.Task;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Every row of a file or folder as a task, in order and with repeats: what an evaluation runs over. The id of a task is its row's number,
 * from 0. Rows are read as they are asked for; none is kept.
 */
public final class TaskFile {
  private final DataSettings settings;
  private final Columns columns;

  /**
   * @param settings where the rows are and what their columns mean; a folder with a {@code test} part is read for that part alone
   * @param chat writes messages ({@code role}, {@code content}) as the model's prompt
   */
  public TaskFile(DataSettings settings, Function<List<Map<String, Object>>, String> chat) {
    this.settings = settings;
    this.columns = new Columns(settings, chat);
  }

  /**
   * Hands over every task, in order.
   *
   * @throws IllegalArgumentException naming file and row, if something is missing, empty or malformed or a column is not there
   */
  public void each(Consumer<Task> sink) {
    long[] number = {0};
    Consumer<Row> row = one -> sink.accept(new Task(number[0]++, columns.prompt(one), columns.gold(one)));
    if (!settings.sql().isEmpty()) {
      Rows.sql(settings.sql(), row);
    } else {
      Path path = Path.of(settings.path()), test = Rows.part(path, "test");
      Rows.read(test == null ? path : test, format(settings), row);
    }
    if (number[0] == 0) throw new IllegalArgumentException("%s is empty; it must hold at least one example".formatted(settings.path()));
  }

  static @Nullable String format(DataSettings settings) {
    return settings.format().equals("auto") ? null : settings.format();
  }
}
