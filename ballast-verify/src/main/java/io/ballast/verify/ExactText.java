package io.ballast.verify;

import java.util.Locale;

/**
 * Right where the answer is the expected text, blanks around both aside.
 *
 * @param after text before the answer; its last occurrence counts; empty: the whole answer
 * @param ignoreCase whether upper and lower case are the same
 */
public record ExactText(String after, boolean ignoreCase) implements Verifier {

  @Override public Verdict verify(String gold, String answer) {
    var expected = gold.strip();
    if (Excerpt.blank(expected)) return new Verdict.UnreadableGold("the expected answer is empty");
    int at = after.isEmpty() ? 0 : answer.lastIndexOf(after);
    if (at < 0) return new Verdict.Unanswered("no %s in the answer".formatted(Excerpt.of(after)));
    var given = answer.substring(at + after.length()).strip();
    if (Excerpt.blank(given)) return new Verdict.Unanswered("the answer is empty");
    boolean same = ignoreCase ? fold(given).equals(fold(expected)) : given.equals(expected);
    return same ? new Verdict.Right(given, "the same text") : new Verdict.Wrong(given, "expected " + Excerpt.of(expected));
  }

  @Override public Verdict lint(String gold) {
    return verify(gold, after + gold);
  }

  private static String fold(String text) {
    return text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
  }
}
