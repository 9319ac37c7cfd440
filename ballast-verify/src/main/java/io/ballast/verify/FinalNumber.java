package io.ballast.verify;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * GSM8K's answers: compares the number after the first {@code ####} with the expected one, as numbers; without
 * {@code ####}, the number after the last {@code A:} or {@code Answer:} that starts a line.
 *
 * <p>{@code 1,000} equals {@code $1000.00}, and a full stop that ends the sentence is not part of the number. What is
 * no plain decimal ({@code 3/4}, {@code 2:30}, {@code 1e3}, {@code 12,34}, digits of other scripts) is unanswered, so
 * that the first half of it is never taken for the answer; so is {@code 5 or 6}.
 *
 * @see <a href="https://github.com/openai/grade-school-math">openai/grade-school-math</a>, dataset.py, the reference
 *     grader, which compares text and so is stricter about 18 and 18.0
 */
public record FinalNumber() implements Verifier {
  private static final String MARK = "####";
  private static final Pattern ANOTHER = Pattern.compile("\\bor [$-]{0,2}[0-9]");
  private static final int LONGEST_LINE = 400;

  @Override public Verdict verify(String gold, String answer) {
    var expected = expected(gold);
    if (expected.isEmpty()) return new Verdict.UnreadableGold("no number in the expected answer " + Excerpt.of(gold));
    int from = answerAt(answer);
    if (from < 0) return new Verdict.Unanswered("no #### and no line that starts with A:");
    var given = Numerals.leading(answer, from);
    if (given.isEmpty()) {
      return new Verdict.Unanswered("no plain number in %s".formatted(Excerpt.of(line(answer, from))));
    }
    if (ANOTHER.matcher(Excerpt.cut(line(answer, from), LONGEST_LINE)).find()) {
      return new Verdict.Unanswered("several candidates in %s".formatted(Excerpt.of(line(answer, from))));
    }
    return Numerals.compare(given.get(), expected.get());
  }

  @Override public Verdict lint(String gold) {
    return expected(gold).map(number -> verify(gold, MARK + " " + number.toPlainString()))
        .orElseGet(() -> verify(gold, gold));
  }

  private static Optional<BigDecimal> expected(String gold) {
    return Numerals.leading(gold, Math.max(answerAt(gold), 0));
  }

  /** Where the answer starts, or -1. */
  private static int answerAt(String text) {
    int mark = text.indexOf(MARK);
    if (mark >= 0) return mark + MARK.length();
    for (int end = text.length(); end > 0; ) {
      int start = text.lastIndexOf('\n', end - 1) + 1;
      int first = start;
      while (first < end && (text.charAt(first) == ' ' || text.charAt(first) == '*')) first++;
      for (var label : new String[] {"A:", "Answer:"}) {
        if (text.startsWith(label, first)) return first + label.length();
      }
      end = start - 1;
    }
    return -1;
  }

  private static String line(String text, int from) {
    int end = text.indexOf('\n', from);
    return text.substring(from, end < 0 ? text.length() : end).strip();
  }
}
