package io.ballast.verify.task;

import io.ballast.verify.Excerpt;
import io.ballast.verify.Rational;
import io.ballast.verify.Verdict;
import io.ballast.verify.Verifier;
import java.util.ArrayList;
import java.util.regex.Pattern;

/**
 * Evaluates an expression over given numbers and compares it with the target, exactly.
 *
 * <p>The gold names target and numbers: {@code 24 from 4,6,8} or any text whose first whole number is the target; a JSON
 * object with {@code target} and a list of numbers, in whatever order, is read by name. The answer is what stands in the
 * last {@code <answer>…</answer>}, else after the last {@code :}, else its last line; an {@code = 24} at its end is left off.
 *
 * @param useAll each number exactly once; otherwise at most once
 * @see <a href="https://github.com/Jiayi-Pan/TinyZero">TinyZero</a>, the task and its {@code <answer>} tags
 */
public record CountdownVerifier(boolean useAll) implements Verifier {
  private static final Pattern WHOLE = Pattern.compile("[0-9]{1,9}");
  private static final Pattern TARGET = Pattern.compile("target\\W{1,5}([0-9]{1,9})");
  private static final int LONGEST_GOLD = 1_000;
  private static final int MOST_NUMBERS = 20;

  @Override public Verdict verify(String gold, String answer) {
    var numbers = new ArrayList<Long>();
    if (gold.length() <= LONGEST_GOLD) WHOLE.matcher(gold).results().forEach(match -> numbers.add(Long.parseLong(match.group())));
    if (numbers.size() < 2 || numbers.size() > MOST_NUMBERS) {
      return new Verdict.UnreadableGold("expected a target and its numbers, as in '24 from 4,6,8', got %s".formatted(Excerpt.of(gold)));
    }
    var named = TARGET.matcher(gold);
    Long target = named.find() ? (Long) Long.parseLong(named.group(1)) : numbers.getFirst();
    numbers.remove(target);

    var text = expressionIn(answer);
    if (text.isEmpty()) return new Verdict.Unanswered("no expression in the answer");
    Expression expression;
    try {
      expression = Expression.read(text);
    } catch (Expression.Unreadable e) {
      return new Verdict.Unanswered("%s is no expression: %s".formatted(Excerpt.of(text), e.getMessage()));
    }
    for (var used : expression.numbers()) {
      if (used.whole().isEmpty() || !numbers.remove(used.whole().get())) {
        return new Verdict.Wrong(text, "%s is not among the numbers, or was used before".formatted(Excerpt.cut(used.toString(), 40)));
      }
    }
    if (useAll && !numbers.isEmpty()) return new Verdict.Wrong(text, "%s not used".formatted(numbers));
    return expression.value().equals(Rational.of(target))
        ? new Verdict.Right(text, "makes %d".formatted(target))
        : new Verdict.Wrong(text, "makes %s, not %d".formatted(Excerpt.cut(expression.value().toString(), 40), target));
  }

  /** Whether target and numbers can be read; that the target can be reached is not looked into. */
  @Override public Verdict lint(String gold) {
    var verdict = verify(gold, "0");
    return verdict instanceof Verdict.UnreadableGold ? verdict : new Verdict.Right(Excerpt.cut(gold, 200), "a target and its numbers");
  }

  private static String expressionIn(String answer) {
    int close = answer.lastIndexOf("</answer>"), open = close < 0 ? -1 : answer.lastIndexOf("<answer>", close);
    String text;
    if (open >= 0) {
      text = answer.substring(open + "<answer>".length(), close);
    } else {
      var stripped = answer.strip();
      int start = Math.max(stripped.lastIndexOf(':'), stripped.lastIndexOf('\n'));
      text = stripped.substring(start + 1);
    }
    int equals = text.indexOf('=');
    return (equals < 0 ? text : text.substring(0, equals)).strip();
  }
}
