package io.ballast.verify.task;

import io.ballast.verify.MarkedNumber;
import io.ballast.verify.Setting;
import io.ballast.verify.Settings;
import io.ballast.verify.Task;
import io.ballast.verify.Verifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Sums of whole numbers, worked out in writing before the answer.
 *
 * <pre>
 *   column    839+962=   9+2=11,3+6+1=10,8+9+1=18:1801     columns from the units, the carry written as one more term
 *   running   12-30*2=   12-30=-18,-18*2=-36:-36           left to right, whatever the operators
 *   none      839+962=   :1801
 * </pre>
 *
 * The demonstrations of the warm start go wrong in a way that a model can unlearn: with probability {@code forget} a carry
 * is left out ({@code column}, see {@link PaperSums}) or a result is ten too small. What follows is consistent with it.
 *
 * @param operands how many numbers, 2 to 9
 * @param digits digits of each, 1 to 9; the first is not 0
 * @param operators which of {@code + - *} occur; {@code column} needs {@code +} alone
 * @param steps {@code column}, {@code running} or {@code none}
 * @param forget probability per step, see above
 * @param heldOutTasks problems kept for evaluation
 * @param seed picks the problems
 */
public record Arithmetic(int operands, int digits, String operators, String steps, double forget, int heldOutTasks, long seed) implements TaskFamily {

  static final String NAME = "arithmetic";
  static final List<Setting> SETTINGS = List.of(
      Setting.whole("operands", 2, "numbers in a sum, 2 to 9"),
      Setting.whole("digits", 3, "digits of each number, 1 to 9"),
      Setting.text("operators", "+", "which of + - * occur"),
      Setting.choice("steps", "column", List.of("column", "running", "none"), "what is written before the answer"),
      Setting.number("forget", 0.6, "probability that a demonstrated step forgets its carry, or is ten too small"),
      Setting.whole("held-out", 512, "problems kept for evaluation"),
      Setting.whole("seed", 0, "which problems"));

  static Arithmetic of(Settings s) {
    int operands = s.count("operands", 2), digits = s.count("digits", 1);
    if (operands > 9) throw s.refused("operands", "must be in [2, 9], got %d".formatted(operands));
    if (digits > 9) throw s.refused("digits", "must be in [1, 9], got %d".formatted(digits));
    var operators = s.text("operators");
    if (!operators.matches("[-+*]{1,3}") || operators.chars().distinct().count() != operators.length()) {
      throw s.refused("operators", "must be one to three different ones of + - *, got '%s'".formatted(operators));
    }
    var steps = s.text("steps");
    if (steps.equals("column") && !operators.equals("+")) {
      throw s.refused("steps", "'column' adds up columns, but operators is '%s'; use 'running' or 'none'".formatted(operators));
    }
    if (operators.contains("*") && operands * digits > 18) {
      throw s.refused("digits", "%d numbers of %d digits multiply beyond 18 digits; use fewer".formatted(operands, digits));
    }
    return new Arithmetic(operands, digits, operators, steps, s.within("forget", 0, 1),
        s.count("held-out", 0), s.whole("seed"));
  }

  @Override public String name() {
    return NAME;
  }

  @Override public Map<String, Object> settings() {
    return new Settings("task " + NAME, SETTINGS, Map.of("operands", operands, "digits", digits, "operators", operators,
        "steps", steps, "forget", forget, "held-out", heldOutTasks, "seed", seed)).resolved();
  }

  @Override public TaskSource training() {
    return ProceduralSource.training(seed, this::draw);
  }

  @Override public TaskSource heldOut() {
    return ProceduralSource.heldOut(seed, heldOutTasks, this::draw);
  }

  @Override public Verifier verifier() {
    return new MarkedNumber(":");
  }

  @Override public String alphabet() {
    boolean signed = operators.contains("-");
    return "0123456789+" + (signed ? "-" : "") + (operators.contains("*") ? "*" : "") + "=,:";
  }

  @Override public int longestPrompt() {
    return operands * (digits + 1);
  }

  @Override public int longestAnswer() {
    int result = resultLength();
    return switch (steps) {
      case "column" -> digits * (2 * (operands + 1) + 3) + 1 + result;
      case "running" -> (operands - 1) * (2 * result + digits + 3) + 1 + result;
      default -> 1 + result;
    };
  }

  /** Sign and digits of the longest value on the way. */
  private int resultLength() {
    return 1 + (operators.contains("*") ? operands * digits + 1 : digits + 1);
  }

  private Task draw(Draw draw) {
    int low = digits == 1 ? 1 : power(digits - 1), high = power(digits) - 1;
    var terms = new int[operands];
    var prompt = new StringBuilder();
    var used = new StringBuilder();
    for (int i = 0; i < operands; i++) {
      terms[i] = draw.between(low, high);
      if (i > 0) {
        char operator = operators.charAt(draw.below(operators.length()));
        prompt.append(operator);
        used.append(operator);
      }
      prompt.append(terms[i]);
    }
    return new Task(Split.id(problem(prompt.toString(), terms)), prompt.append('=').toString(),
        Long.toString(value(terms, used)));
  }

  /** The same for a sum and its permutations, so that 12+34 is not held out while 34+12 is trained on. */
  private String problem(String text, int[] terms) {
    if (!operators.equals("+")) return text;
    return Arrays.stream(terms).sorted().mapToObj(Integer::toString).collect(Collectors.joining("+"));
  }

  private static long value(int[] terms, CharSequence used) {
    long value = terms[0];
    for (int i = 1; i < terms.length; i++) value = apply(value, used.charAt(i - 1), terms[i]);
    return value;
  }

  private static long apply(long a, char operator, long b) {
    return switch (operator) {
      case '+' -> a + b;
      case '-' -> a - b;
      default -> a * b;
    };
  }

  @Override public String demonstration(Task task, long seed) {
    var draw = new Draw(seed, task.id());
    var sum = task.prompt().substring(0, task.prompt().length() - 1);
    var terms = Arrays.stream(sum.split("[-+*]")).mapToInt(Integer::parseInt).toArray();
    return switch (steps) {
      case "column" -> new PaperSums(draw, forget).add(Arrays.stream(terms).asLongStream().toArray()).toString();
      case "running" -> running(terms, sum.replaceAll("\\d", ""), draw);
      default -> ":" + (value(terms, sum.replaceAll("\\d", "")) - (draw.chance(forget) ? 10 : 0));
    };
  }

  private String running(int[] terms, String used, Draw draw) {
    var text = new StringBuilder();
    long value = terms[0];
    for (int i = 1; i < terms.length; i++) {
      text.append(value).append(used.charAt(i - 1)).append(terms[i]);
      value = apply(value, used.charAt(i - 1), terms[i]);
      if (draw.chance(forget)) value -= 10;
      text.append('=').append(value).append(i + 1 < terms.length ? "," : ":");
    }
    return text.append(value).toString();
  }

  private static int power(int exponent) {
    int power = 1;
    for (int i = 0; i < exponent; i++) power *= 10;
    return power;
  }
}
