package io.ballast.verify.task;

import io.ballast.verify.Excerpt;
import io.ballast.verify.MarkedNumber;
import io.ballast.verify.Setting;
import io.ballast.verify.Settings;
import io.ballast.verify.Task;
import io.ballast.verify.Verifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The calculator steps people wrote into GSM8K's solutions, {@code 15*8=} from {@code <<15*8=120>>}, worked out in writing.
 *
 * <pre>
 *   15*8=        5*8=40,1*8+4=12:120
 *   32-4-8=      12-4=8,3-1=2:28;8-8=0,2=2:20      a part for each operator, the last value counts
 * </pre>
 *
 * Kept are the expressions that can be written so from left to right: whole numbers up to {@code largest}, one or two
 * operators, no product or quotient after a sum, no negative value on the way, a factor with a single digit before its
 * zeros, exact quotients. The gold is the expression's value, not the file's. Training uses {@code train.jsonl}, evaluation
 * {@code test.jsonl}, each expression once; one that is in both is left out of training unless {@code shared} is true.
 * Demonstrations are those of {@link PaperSums}.
 *
 * @see <a href="https://arxiv.org/abs/2110.14168">Cobbe et al. 2021</a>, calculator annotations
 */
public final class Calculator implements TaskFamily {
  static final String NAME = "gsm8k-calculator";
  static final List<Setting> SETTINGS = List.of(
      Setting.text("path", "", "folder with GSM8K's train.jsonl and test.jsonl"),
      Setting.whole("operators", 2, "most operators in an expression, 1 to 4"),
      Setting.whole("largest", 9_999, "numbers run up to this, values to ten times as much; at most 99999"),
      Setting.number("forget", 0.6, "probability that a demonstrated carry, borrow or remainder is dropped"),
      Setting.flag("shared", false, "expressions of the test file that are in the train file too are trained on"),
      Setting.whole("held-out", 512, "expressions of the test file kept for evaluation; 0: all"));

  private static final Pattern STEP = Pattern.compile("<<([^<>=]{1,200})=[^<>]{0,200}>>");
  private static final Pattern EXPRESSION = Pattern.compile("[0-9]{1,5}(?:[-+*/][0-9]{1,5})+");
  private static final int LARGEST_DIVISOR = 99;

  private final Settings settings;
  private final int operators;
  private final long largest;
  private final double forget;
  private final List<Task> training;
  private final List<Task> heldOut;
  private final int longestPrompt;
  private final int longestAnswer;

  private Calculator(Settings s) {
    settings = s;
    operators = s.count("operators", 1);
    if (operators > 4) throw s.refused("operators", "must be in [1, 4], got %d".formatted(operators));
    largest = s.count("largest", 1);
    if (largest > 99_999) throw s.refused("largest", "must be in [1, 99999], got %d".formatted(largest));
    forget = s.within("forget", 0, 1);
    if (s.text("path").isBlank()) throw s.refused("path", "must name the folder with GSM8K's train.jsonl and test.jsonl");
    var folder = Path.of(s.text("path"));
    var test = expressions(folder.resolve("test.jsonl"));
    var train = expressions(folder.resolve("train.jsonl"));
    if (!s.flag("shared")) test.keySet().forEach(train::remove);
    int count = s.count("held-out", 0);
    training = shuffled(train);
    heldOut = shuffled(test).stream().limit(count == 0 ? Long.MAX_VALUE : count).toList();
    if (training.isEmpty() || heldOut.isEmpty()) {
      throw s.refused("largest", "%d leaves %d expressions to train on and %d to evaluate; allow more"
          .formatted(largest, training.size(), heldOut.size()));
    }
    longestPrompt = longest(Task::prompt);
    longestAnswer = longest(task -> written(task, new PaperSums(new Draw(0, 0), 0)));
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
    return new MarkedNumber(":");
  }

  @Override public String alphabet() {
    return "0123456789+-*/=,:;r";
  }

  @Override public int longestPrompt() {
    return longestPrompt;
  }

  @Override public int longestAnswer() {
    return longestAnswer;
  }

  @Override public String demonstration(Task task, long seed) {
    return written(task, new PaperSums(new Draw(seed, task.id()), forget));
  }

  private static String written(Task task, PaperSums paper) {
    var expression = task.prompt().substring(0, task.prompt().length() - 1);
    var numbers = numbers(expression);
    var signs = signs(expression);
    if (signs.chars().allMatch(sign -> sign == '+')) return paper.add(numbers).toString();
    var parts = new ArrayList<String>();
    long value = numbers[0];
    for (int i = 1; i < numbers.length; i++) {
      var written = switch (signs.charAt(i - 1)) {
        case '+' -> paper.add(value, numbers[i]);
        case '-' -> paper.subtract(value, numbers[i]);
        case '*' -> paper.multiply(value, numbers[i]);
        default -> paper.divide(value, numbers[i]);
      };
      parts.add(written.toString());
      value = written.value();
    }
    return String.join(";", parts);
  }

  private static long[] numbers(String expression) {
    return Pattern.compile("[-+*/]").splitAsStream(expression).mapToLong(Long::parseLong).toArray();
  }

  private static String signs(String expression) {
    return expression.replaceAll("[0-9]", "");
  }

  private int longest(Function<Task, String> text) {
    int longest = 0;
    for (var tasks : List.of(training, heldOut)) for (var task : tasks) longest = Math.max(longest, text.apply(task).length());
    return longest;
  }

  /** In an order that depends on the expressions alone, so that neighbours do not come from one solution. */
  private static List<Task> shuffled(Map<String, Task> tasks) {
    return tasks.values().stream().sorted(Comparator.comparingLong(Task::id)).toList();
  }

  // ---- reading the files

  private Map<String, Task> expressions(Path file) {
    var tasks = new LinkedHashMap<String, Task>();
    var lines = lines(file);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) continue;
      if (!lines.get(i).contains("\"answer\"")) {
        throw new IllegalArgumentException("%s, line %d: no \"answer\" field in %s; each line is a JSON object with question and answer"
            .formatted(file, i + 1, Excerpt.of(lines.get(i))));
      }
      STEP.matcher(lines.get(i)).results().forEach(step -> add(tasks, step.group(1).replace(" ", "")));
    }
    return tasks;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (MalformedInputException e) {
      throw new IllegalArgumentException("%s is not UTF-8 text".formatted(file), e);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("no file %s; task %s reads train.jsonl and test.jsonl of GSM8K from its path".formatted(file, NAME), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private void add(Map<String, Task> tasks, String text) {
    if (!EXPRESSION.matcher(text).matches()) return;
    var numbers = numbers(text);
    var signs = signs(text);
    if (signs.length() > operators || signs.matches(".*[-+].*[*/].*")) return;
    for (long number : numbers) if (number > largest) return;
    long value = value(numbers, signs);
    if (value < 0) return;
    var prompt = new StringBuilder().append(numbers[0]);
    for (int i = 1; i < numbers.length; i++) prompt.append(signs.charAt(i - 1)).append(numbers[i]);
    var task = prompt.append('=').toString();
    tasks.putIfAbsent(task, new Task(Split.id(task), task, Long.toString(value)));
  }

  /** The value from left to right; -1 where a step cannot be written on paper as we do it. */
  private long value(long[] numbers, String signs) {
    long value = numbers[0];
    for (int i = 1; i < numbers.length; i++) {
      long number = numbers[i];
      switch (signs.charAt(i - 1)) {
        case '+' -> value += number;
        case '-' -> value -= number;
        case '*' -> {
          boolean easy = PaperSums.significant(value) == 1 || PaperSums.significant(number) == 1;
          if (!easy || value == 0 || number == 0) return -1;
          value *= number;
        }
        default -> {
          if (number == 0 || number > LARGEST_DIVISOR || value % number != 0) return -1;
          value /= number;
        }
      }
      if (value < 0 || value > 10 * largest + 9) return -1;
    }
    return value;
  }
}
