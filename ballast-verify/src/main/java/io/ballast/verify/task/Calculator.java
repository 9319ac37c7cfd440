package io.ballast.verify.task;

import io.ballast.verify.Excerpt;
import io.ballast.verify.MarkedNumber;
import io.ballast.verify.Numerals;
import io.ballast.verify.Rational;
import io.ballast.verify.Setting;
import io.ballast.verify.Settings;
import io.ballast.verify.Task;
import io.ballast.verify.Verifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The calculator steps people wrote into GSM8K's solutions: {@code 48/2=} from {@code <<48/2=24>>}.
 *
 * <p>Training uses the steps of {@code train.jsonl}, evaluation those of {@code test.jsonl}, each once; a step of the test
 * file is left out of training. A step is kept if its expression and value have at most the settings' sizes and the value
 * is what the expression makes, exactly.
 *
 * @see <a href="https://arxiv.org/abs/2110.14168">Cobbe et al. 2021</a>, calculator annotations
 */
public final class Calculator implements TaskFamily {
  static final String NAME = "gsm8k-calculator";
  static final List<Setting> SETTINGS = List.of(
      Setting.text("path", "", "folder with GSM8K's train.jsonl and test.jsonl"),
      Setting.whole("longest-expression", 9, "characters of an expression"),
      Setting.whole("largest", 999, "numbers and values run up to this"),
      Setting.number("wrong", 0.5, "share of demonstrations with a wrong digit"),
      Setting.whole("held-out", 512, "expressions of the test file kept for evaluation; 0: all"));

  private static final Pattern STEP = Pattern.compile("<<([0-9+*/().-]{1,200})=([0-9.-]{1,40})>>");

  private final Settings settings;
  private final List<Task> training;
  private final List<Task> heldOut;
  private final int longestExpression;
  private final long largest;
  private final double wrong;

  private Calculator(Settings s) {
    settings = s;
    longestExpression = s.count("longest-expression", 3);
    largest = s.count("largest", 1);
    wrong = s.within("wrong", 0, 1);
    if (s.text("path").isBlank()) {
      throw s.refused("path", "must name the folder with GSM8K's train.jsonl and test.jsonl");
    }
    var folder = Path.of(s.text("path"));
    var test = steps(folder.resolve("test.jsonl"));
    var train = steps(folder.resolve("train.jsonl"));
    test.keySet().forEach(train::remove);
    training = List.copyOf(train.values());
    int count = s.count("held-out", 0);
    heldOut = test.values().stream().limit(count == 0 ? Long.MAX_VALUE : count).toList();
    if (training.isEmpty() || heldOut.isEmpty()) {
      throw s.refused("largest", "%d leaves %d expressions to train on and %d to evaluate; allow more"
          .formatted(largest, training.size(), heldOut.size()));
    }
  }

  static Calculator of(Settings settings) {
    return new Calculator(settings);
  }

  @Override public String name() {
    return NAME;
  }

  @Override public Map<String, Object> settings() {
    return settings.resolved();
  }

  @Override public TaskSource training() {
    return ProceduralSource.listed(training);
  }

  @Override public TaskSource heldOut() {
    return ProceduralSource.listed(heldOut);
  }

  @Override public Verifier verifier() {
    return new MarkedNumber("");
  }

  @Override public String alphabet() {
    return "0123456789+-*/().=";
  }

  @Override public int longestPrompt() {
    return longestExpression + 1;
  }

  @Override public int longestAnswer() {
    return Long.toString(largest).length();
  }

  @Override public String demonstration(Task task, long seed) {
    var draw = new Draw(seed, task.id());
    if (!draw.chance(wrong)) return task.gold();
    int at = draw.below(task.gold().length());
    char digit = (char) ('0' + (task.gold().charAt(at) - '0' + draw.between(1, 9)) % 10);
    return new StringBuilder(task.gold()).replace(at, at + 1, String.valueOf(digit)).toString();
  }

  /** Prompt to task, in the order of the file. */
  private Map<String, Task> steps(Path file) {
    var tasks = new LinkedHashMap<String, Task>();
    var lines = lines(file);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) continue;
      if (!lines.get(i).contains("\"answer\"")) {
        throw new IllegalArgumentException("%s, line %d: no \"answer\" field in %s; each line is a JSON object with question and answer"
            .formatted(file, i + 1, Excerpt.of(lines.get(i))));
      }
      STEP.matcher(lines.get(i)).results().forEach(step -> add(tasks, step.group(1), step.group(2)));
    }
    return tasks;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (MalformedInputException e) {
      throw new IllegalArgumentException("%s is not UTF-8 text".formatted(file), e);
    } catch (java.nio.file.NoSuchFileException e) {
      throw new IllegalArgumentException("no file %s; task %s reads train.jsonl and test.jsonl of GSM8K from its path".formatted(file, NAME), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private void add(Map<String, Task> tasks, String text, String value) {
    if (text.length() > longestExpression) return;
    var stated = Numerals.plain(value).map(Rational::of).flatMap(Rational::whole);
    if (stated.isEmpty() || stated.get() < 0 || stated.get() > largest) return;
    try {
      var expression = Expression.read(text);
      var numbers = new ArrayList<>(expression.numbers());
      boolean small = numbers.size() > 1
          && numbers.stream().allMatch(number -> number.whole().filter(n -> n <= largest).isPresent());
      if (!small || !expression.value().equals(Rational.of(stated.get()))) return;
      var prompt = text + "=";
      tasks.putIfAbsent(prompt, new Task(Split.id(prompt), prompt, stated.get().toString()));
    } catch (Expression.Unreadable e) {
      // annotations such as "1/0" or "5..2" are no arithmetic: nothing to learn from
    }
  }
}
