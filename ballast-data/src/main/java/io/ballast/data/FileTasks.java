package io.ballast.data;

import io.ballast.verify.Task;
import io.ballast.verify.Verifier;
import io.ballast.verify.Verifiers;
import io.ballast.verify.task.Split;
import io.ballast.verify.task.TaskFamily;
import io.ballast.verify.task.TaskSource;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Tasks from files or SQL: a prompt, its expected answer and, where there is one, a solution to imitate. A prompt that occurs twice counts
 * once; one that is held out is never trained on, also where the two files share it.
 */
public final class FileTasks implements TaskFamily {
  private record Example(Task task, String solution, List<String> hints) {}

  private final DataSettings settings;
  private final Verifier verifier;
  private final Columns columns;
  private final ToIntFunction<String> length;
  private final Map<Long, Example> examples = new HashMap<>();
  private final List<Task> training;
  private final List<Task> heldOut;
  private int tooLong;
  private int repeated;
  private int longestPrompt;
  private int longestAnswer;

  private FileTasks(DataSettings settings, Function<List<Map<String, Object>>, String> chat, ToIntFunction<String> length) {
    this.settings = settings;
    this.columns = new Columns(settings, chat);
    this.length = length;
    verifier = Verifiers.named(settings.verifier(), settings.verifierSettings());
    var train = new LinkedHashMap<String, Task>();
    var evaluate = new LinkedHashMap<String, Task>();
    readAll(train, evaluate);
    evaluate.keySet().forEach(train::remove);
    training = List.copyOf(train.values());
    heldOut = evaluate.values().stream().limit(settings.evalCount() == 0 ? Long.MAX_VALUE : settings.evalCount()).toList();
    if (training.isEmpty() || heldOut.isEmpty()) throw new IllegalArgumentException(tooFew());
  }

  private String tooFew() {
    String source = settings.sql().isEmpty() ? settings.path() : "the SQL selection";
    if (training.size() + heldOut.size() + tooLong + repeated == 0) return "data: %s holds no example".formatted(source);
    return "data: of %s, %d prompts to train on and %d to evaluate are left (%d rows were too long, %d repeated a prompt); both are needed, see %s".formatted(
        source, training.size(), heldOut.size(), tooLong, repeated,
        tooLong > 0 ? "longest-prompt, longest-answer, eval-share" : "eval-share, eval-path");
  }

  /** @throws IllegalArgumentException if the files cannot be read or the settings do not fit them, naming file and row */
  public static FileTasks of(DataSettings settings) {
    return of(settings, _ -> {
      throw new IllegalArgumentException("data: chat needs a model with a chat template");
    }, text -> text.codePointCount(0, text.length()));
  }

  /**
   * @param chat writes messages ({@code role}, {@code content}) as the model's prompt
   * @param length counts what {@code longest-prompt} and {@code longest-answer} limit, such as tokens; it refuses a text that cannot be counted
   */
  public static FileTasks of(DataSettings settings, Function<List<Map<String, Object>>, String> chat, ToIntFunction<String> length) {
    return new FileTasks(settings, chat, length);
  }

  private void readAll(Map<String, Task> train, Map<String, Task> evaluate) {
    if (!settings.sql().isEmpty()) {
      Rows.sql(settings.sql(), settings.evalPath().isEmpty() ? split(train, evaluate) : into(train));
    } else {
      Path path = Path.of(settings.path());
      Path ownTrain = settings.evalPath().isEmpty() ? Rows.part(path, "train") : null, ownTest = ownTrain == null ? null : Rows.part(path, "test");
      if (ownTrain != null && ownTest != null) {
        read(ownTrain, into(train));
        read(ownTest, into(evaluate));
        return;
      }
      read(path, settings.evalPath().isEmpty() ? split(train, evaluate) : into(train));
    }
    if (!settings.evalPath().isEmpty()) read(Path.of(settings.evalPath()), into(evaluate));
  }

  private void read(Path path, Consumer<Row> sink) {
    Rows.read(path, TaskFile.format(settings), sink);
  }

  private Consumer<Row> into(Map<String, Task> side) {
    return row -> add(row, _ -> side);
  }

  private Consumer<Row> split(Map<String, Task> train, Map<String, Task> evaluate) {
    return row -> add(row, task -> Split.heldOut(task.id(), settings.evalShare()) ? evaluate : train);
  }

  private void add(Row row, Function<Task, Map<String, Task>> side) {
    String prompt = columns.prompt(row), gold = columns.gold(row), solution = columns.solution(row);
    int promptLength = length(row, prompt), answerLength = length(row, solution);
    if (above(promptLength, settings.longestPrompt()) || above(answerLength, settings.longestAnswer())) {
      tooLong++;
      return;
    }
    if (promptLength == 0) throw row.refused("the prompt is empty");
    var task = new Task(Split.id(prompt), prompt, gold);
    if (side.apply(task).putIfAbsent(prompt, task) != null) {
      repeated++;
      return;
    }
    longestPrompt = Math.max(longestPrompt, promptLength);
    longestAnswer = Math.max(longestAnswer, answerLength);
    examples.put(task.id(), new Example(task, solution, columns.hints(row)));
  }

  private static boolean above(int length, int most) {
    return most > 0 && length > most;
  }

  /** What cannot be counted cannot be trained on: a text the tokenizer cannot express is refused here, with its row. */
  private int length(Row row, String text) {
    try {
      return length.applyAsInt(text);
    } catch (IllegalArgumentException e) {
      throw row.refused(String.valueOf(e.getMessage()));
    }
  }

  @Override public String name() {
    if (!settings.dataset().isEmpty()) return settings.dataset();
    return settings.sql().isEmpty() ? String.valueOf(Path.of(settings.path()).getFileName()) : "sql";
  }

  @Override public Map<String, Object> settings() {
    return settings.resolved();
  }

  @Override public TaskSource training() {
    return TaskSource.of(training);
  }

  @Override public TaskSource heldOut() {
    return TaskSource.of(heldOut);
  }

  /** The solution of the task's row, the gold where there is none; the same for every seed. */
  @Override public String demonstration(Task task, long seed) {
    return example(task).solution();
  }

  /** The row's hints, in the order of the settings. */
  public List<String> hints(Task task) {
    return example(task).hints();
  }

  private Example example(Task task) {
    Example example = examples.get(task.id());
    if (example == null) throw new IllegalArgumentException("task %d is none of %s".formatted(task.id(), name()));
    return example;
  }

  /** What was read, in a sentence. */
  public String summary() {
    return "data %s: %d prompts to train on, %d held out; %d rows were too long, %d repeated a prompt; answers are checked by %s".formatted(
        name(), training.size(), heldOut.size(), tooLong, repeated, settings.verifier());
  }

  /** Rows left out because they were too long, and rows whose prompt stood there before. */
  public String leftOut() {
    return "%d too long, %d repeated".formatted(tooLong, repeated);
  }

  @Override public Verifier verifier() {
    return verifier;
  }

  @Override public String alphabet() {
    var letters = new TreeSet<Character>();
    for (Example example : examples.values()) {
      example.task().prompt().chars().forEach(c -> letters.add((char) c));
      example.solution().chars().forEach(c -> letters.add((char) c));
    }
    var out = new StringBuilder();
    letters.stream().filter(c -> !Character.isSurrogate(c)).forEach(out::append);
    return out.toString();
  }

  @Override public int longestPrompt() {
    return longestPrompt;
  }

  @Override public int longestAnswer() {
    return longestAnswer;
  }
}
