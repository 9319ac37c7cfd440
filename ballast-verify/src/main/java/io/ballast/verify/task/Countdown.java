package io.ballast.verify.task;

import io.ballast.verify.Setting;
import io.ballast.verify.Settings;
import io.ballast.verify.Task;
import io.ballast.verify.Verifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Reach a target from given numbers with {@code + - * /}. Always solvable: the target comes from combining the numbers.
 *
 * <pre>   4,7,9>59=   7*9=63,63-4=59:7*9-4      the steps, then the expression that counts</pre>
 *
 * A demonstration is, with probability {@code wrong}, correct arithmetic that uses the numbers as asked and misses the target.
 *
 * @param numbers how many are given, 2 to 5
 * @param largest the numbers run from 1 to this
 * @param largestTarget targets run from 1 to this
 * @param useAll whether every number has to be used; otherwise each at most once
 * @param steps whether the demonstrations write the steps first
 * @param wrong share of demonstrations that miss
 * @param heldOutTasks problems kept for evaluation
 * @param seed picks the problems
 */
public record Countdown(int numbers, int largest, int largestTarget, boolean useAll, boolean steps, double wrong,
    int heldOutTasks, long seed) implements TaskFamily {

  static final String NAME = "countdown";
  static final List<Setting> SETTINGS = List.of(
      Setting.whole("numbers", 3, "numbers given, 2 to 5"),
      Setting.whole("largest", 20, "the numbers run from 1 to this, at most 999"),
      Setting.whole("largest-target", 99, "targets run from 1 to this, at most 9999"),
      Setting.choice("use", "all", List.of("all", "some"), "each number exactly once, or at most once"),
      Setting.flag("steps", true, "demonstrations write the steps before the expression"),
      Setting.number("wrong", 0.5, "share of demonstrations that miss the target"),
      Setting.whole("held-out", 512, "problems kept for evaluation"),
      Setting.whole("seed", 0, "which problems"));

  static Countdown of(Settings s) {
    int numbers = s.count("numbers", 2), largest = s.count("largest", 2), target = s.count("largest-target", 1);
    if (numbers > 5) throw s.refused("numbers", "must be in [2, 5], got %d".formatted(numbers));
    if (largest > 999) throw s.refused("largest", "must be in [2, 999], got %d".formatted(largest));
    if (target > 9999) throw s.refused("largest-target", "must be in [1, 9999], got %d".formatted(target));
    return new Countdown(numbers, largest, target, s.text("use").equals("all"), s.flag("steps"), s.within("wrong", 0, 1),
        s.count("held-out", 0), s.whole("seed"));
  }

  @Override public String name() {
    return NAME;
  }

  @Override public Map<String, Object> settings() {
    return new Settings("task " + NAME, SETTINGS, Map.of("numbers", numbers, "largest", largest, "largest-target", largestTarget,
        "use", useAll ? "all" : "some", "steps", steps, "wrong", wrong, "held-out", heldOutTasks, "seed", seed)).resolved();
  }

  @Override public TaskSource training() {
    return ProceduralSource.training(seed, this::draw);
  }

  @Override public TaskSource heldOut() {
    return ProceduralSource.heldOut(seed, heldOutTasks, this::draw);
  }

  @Override public Verifier verifier() {
    return new CountdownVerifier(useAll);
  }

  @Override public String alphabet() {
    return "0123456789+-*/()=,:>";
  }

  @Override public int longestPrompt() {
    return numbers * (digits(largest) + 1) + digits(largestTarget) + 1;
  }

  @Override public int longestAnswer() {
    int expression = numbers * digits(largest) + (numbers - 1) + 2 * (numbers - 1);
    int value = digits(MAX_VALUE);
    return (steps ? (numbers - 1) * (3 * value + 3) : 1) + expression;
  }

  private static int digits(int value) {
    return Integer.toString(value).length();
  }

  private Task draw(Draw draw) {
    while (true) {
      var given = new ArrayList<Term>();
      for (int i = 0; i < numbers; i++) given.add(Term.of(draw.between(1, largest)));
      var total = combined(given, new ArrayList<>(), draw);
      if (total == null || total.value > largestTarget) continue;
      var listed = given.stream().map(Term::text).collect(Collectors.joining(","));
      var problem = given.stream().map(Term::value).sorted().map(String::valueOf).collect(Collectors.joining(","));
      return new Task(Split.id(problem + ">" + total.value), listed + ">" + total.value + "=", total.value + " from " + listed);
    }
  }

  @Override public String demonstration(Task task, long seed) {
    var draw = new Draw(seed, task.id());
    int sign = task.prompt().indexOf('>');
    int target = Integer.parseInt(task.prompt().substring(sign + 1, task.prompt().length() - 1));
    var given = Arrays.stream(task.prompt().substring(0, sign).split(",")).map(text -> Term.of(Integer.parseInt(text))).toList();
    var written = new ArrayList<String>();
    var total = draw.chance(wrong) ? missed(given, target, written, draw) : solved(given, target, written, draw);
    if (total == null) throw new IllegalArgumentException("no way from %s to the target".formatted(task.prompt()));
    return (steps ? String.join(",", written) : "") + ":" + total.text;
  }

  // A number with the text that made it. Precedence: 3 literal, 2 product, 1 sum.
  private record Term(int value, String text, int precedence) {
    static Term of(int value) {
      return new Term(value, Integer.toString(value), 3);
    }
  }

  private static final int MAX_VALUE = 99_999;
  private static final String OPERATORS = "+-*/";

  /** What {@code a operator b} makes, or null where the result is not a whole number from 1 to {@link #MAX_VALUE}. */
  private static Term joined(Term a, char operator, Term b) {
    long value = switch (operator) {
      case '+' -> (long) a.value + b.value;
      case '-' -> (long) a.value - b.value;
      case '*' -> (long) a.value * b.value;
      default -> a.value % b.value == 0 ? a.value / b.value : 0;
    };
    if (value < 1 || value > MAX_VALUE) return null;
    int precedence = operator == '+' || operator == '-' ? 1 : 2;
    var left = a.precedence < precedence ? "(" + a.text + ")" : a.text;
    boolean fragile = operator == '-' || operator == '/';
    var right = b.precedence < precedence || (fragile && b.precedence == precedence) ? "(" + b.text + ")" : b.text;
    return new Term((int) value, left + operator + right, precedence);
  }

  private static String step(Term a, char operator, Term b, Term result) {
    return "%d%c%d=%d".formatted(a.value, operator, b.value, result.value);
  }

  /** All numbers joined in a random way; null where the draw runs into an impossible operation. */
  private static Term combined(List<Term> given, List<String> written, Draw draw) {
    var pool = new ArrayList<>(given);
    while (pool.size() > 1) {
      var a = pool.remove(draw.below(pool.size()));
      var b = pool.remove(draw.below(pool.size()));
      char operator = OPERATORS.charAt(draw.below(4));
      var result = joined(a, operator, b);
      if (result == null) return null;
      written.add(step(a, operator, b, result));
      pool.add(result);
    }
    return pool.getFirst();
  }

  private static Term missed(List<Term> given, int target, List<String> written, Draw draw) {
    while (true) {
      written.clear();
      var total = combined(given, written, draw);
      if (total != null && total.value != target) return total;
    }
  }

  /** Depth-first search over pairs and operators, in an order the draw decides. */
  private static Term solved(List<Term> pool, int target, List<String> written, Draw draw) {
    if (pool.size() == 1) return pool.getFirst().value == target ? pool.getFirst() : null;
    int n = pool.size(), choices = n * n * 4, start = draw.below(choices);
    for (int k = 0; k < choices; k++) {
      int choice = (start + k) % choices, i = choice / 4 / n, j = choice / 4 % n;
      if (i == j) continue;
      char operator = OPERATORS.charAt(choice % 4);
      var result = joined(pool.get(i), operator, pool.get(j));
      if (result == null) continue;
      var rest = new ArrayList<Term>();
      for (int other = 0; other < n; other++) if (other != i && other != j) rest.add(pool.get(other));
      rest.add(result);
      written.add(step(pool.get(i), operator, pool.get(j), result));
      var total = solved(rest, target, written, draw);
      if (total != null) return total;
      written.removeLast();
    }
    return null;
  }
}
