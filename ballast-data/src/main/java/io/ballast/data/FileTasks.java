package io.ballast.data;

import io.ballast.verify.Task;
import io.ballast.verify.Verifier;
import io.ballast.verify.Verifiers;
import io.ballast.verify.task.Split;
import io.ballast.verify.task.TaskFamily;
import io.ballast.verify.task.TaskSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Tasks from files or SQL: a prompt, its expected answer and, where there is one, a solution to imitate. A prompt that occurs twice counts
 * once; one that is held out is never trained on, also where the two files share it.
 */
public final class FileTasks implements TaskFamily {
  private record Example(Task task, String solution, List<String> hints) {}

  private final DataSettings settings;
  private final Verifier verifier;
  private final Function<List<Map<String, Object>>, String> chat;
  private final ToIntFunction<String> length;
  private final @Nullable PromptTemplate template;
  private final @Nullable Known known;
  private final Map<Long, Example> examples = new HashMap<>();
  private final List<Task> training;
  private final List<Task> heldOut;
  private int tooLong;
  private int repeated;

  private FileTasks(DataSettings settings, Function<List<Map<String, Object>>, String> chat, ToIntFunction<String> length) {
    this.settings = settings;
    this.chat = chat;
    this.length = length;
    verifier = Verifiers.named(settings.verifier(), settings.verifierSettings());
    template = settings.template().isEmpty() ? null : new PromptTemplate(settings.template());
    known = settings.dataset().isEmpty() ? null : Known.named(settings.dataset());
    var train = new LinkedHashMap<String, Task>();
    var evaluate = new LinkedHashMap<String, Task>();
    readAll(train, evaluate);
    evaluate.keySet().forEach(train::remove);
    training = List.copyOf(train.values());
    heldOut = evaluate.values().stream().limit(settings.evalCount() == 0 ? Long.MAX_VALUE : settings.evalCount()).toList();
    if (training.isEmpty() || heldOut.isEmpty()) {
      throw new IllegalArgumentException("data: %d prompts to train on and %d to evaluate are left (%d were too long, %d repeated); both are needed, see longest-prompt, longest-answer, eval-share"
          .formatted(training.size(), heldOut.size(), tooLong, repeated));
    }
  }

  /** @throws IllegalArgumentException if the files cannot be read or the settings do not fit them, naming file and row */
  public static FileTasks of(DataSettings settings) {
    return of(settings, _ -> {
      throw new IllegalArgumentException("data: chat needs a model with a chat template");
    }, text -> text.codePointCount(0, text.length()));
  }

  /**
   * @param chat writes messages ({@code role}, {@code content}) as the model's prompt
   * @param length counts what {@code longest-prompt} and {@code longest-answer} limit, such as tokens
   */
  public static FileTasks of(DataSettings settings, Function<List<Map<String, Object>>, String> chat, ToIntFunction<String> length) {
    return new FileTasks(settings, chat, length);
  }

  private void readAll(Map<String, Task> train, Map<String, Task> evaluate) {
    if (!settings.sql().isEmpty()) {
      Rows.sql(settings.sql(), settings.evalPath().isEmpty() ? split(train, evaluate) : into(train));
    } else {
      Path path = Path.of(settings.path());
      Path ownTrain = settings.evalPath().isEmpty() ? part(path, "train") : null, ownTest = ownTrain == null ? null : part(path, "test");
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
    Rows.read(path, settings.format().equals("auto") ? null : settings.format(), sink);
  }

  /** {@code train.jsonl}, {@code train/} and the like of a folder; null where there is none or the path is a file. */
  private static @Nullable Path part(Path folder, String name) {
    if (!Files.isDirectory(folder)) return null;
    try (var inside = Files.list(folder)) {
      return inside.filter(file -> file.getFileName().toString().matches(name + "(\\.(jsonl|ndjson|json|csv|parquet))?")).sorted().findFirst().orElse(null);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + folder, e);
    }
  }

  private Consumer<Row> into(Map<String, Task> side) {
    return row -> add(row, _ -> side);
  }

  private Consumer<Row> split(Map<String, Task> train, Map<String, Task> evaluate) {
    return row -> add(row, task -> Split.heldOut(task.id(), settings.evalShare()) ? evaluate : train);
  }

  private void add(Row row, Function<Task, Map<String, Task>> side) {
    String prompt = prompt(row);
    String gold = !settings.gold().isEmpty() || known == null ? row.text(or(settings.gold(), "gold")) : known.gold().apply(row);
    String solution = !settings.solution().isEmpty() ? row.text(settings.solution()) : known != null && settings.gold().isEmpty() ? known.solution().apply(row) : gold;
    if (tooLong(prompt, settings.longestPrompt()) || tooLong(solution, settings.longestAnswer())) {
      tooLong++;
      return;
    }
    var task = new Task(Split.id(prompt), prompt, gold);
    if (side.apply(task).putIfAbsent(prompt, task) != null) {
      repeated++;
      return;
    }
    examples.put(task.id(), new Example(task, solution, settings.hints().stream().map(row::text).toList()));
  }

  private boolean tooLong(String text, int most) {
    return most > 0 && length.applyAsInt(text) > most;
  }

  private String prompt(Row row) {
    String column = or(settings.prompt(), known == null ? "prompt" : known.prompt());
    if (!settings.chat()) return template == null ? row.text(column) : template.fill(row);
    var messages = new ArrayList<Map<String, Object>>();
    if (!settings.system().isEmpty()) messages.add(Map.of("role", "system", "content", settings.system()));
    if (template == null && row.value(column) instanceof List<?> given) {
      for (Object message : given) messages.add(message(row, column, message));
    } else {
      messages.add(Map.of("role", "user", "content", template == null ? row.text(column) : template.fill(row)));
    }
    try {
      return chat.apply(messages);
    } catch (RuntimeException e) {
      throw row.refused(String.valueOf(e.getMessage()));
    }
  }

  private static Map<String, Object> message(Row row, String column, @Nullable Object given) {
    if (!(given instanceof Map<?, ?> map) || !map.containsKey("role") || !map.containsKey("content")) {
      throw row.refused("column '%s' is a list, so each item must be a message with role and content".formatted(column));
    }
    var out = new LinkedHashMap<String, Object>();
    map.forEach((key, value) -> out.put(String.valueOf(key), value));
    return out;
  }

  private static String or(String given, String fallback) {
    return given.isEmpty() ? fallback : given;
  }

  @Override public String name() {
    if (known != null) return settings.dataset();
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
    return examples.values().stream().mapToInt(example -> example.task().prompt().length()).max().orElse(0);
  }

  @Override public int longestAnswer() {
    return examples.values().stream().mapToInt(example -> example.solution().length()).max().orElse(0);
  }
}
