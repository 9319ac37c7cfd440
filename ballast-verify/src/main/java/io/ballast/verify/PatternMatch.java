package io.ballast.verify;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Regular expressions of Java's syntax. Without {@code extract} the gold is the pattern an answer has to match; with it
 * the last match of {@code extract} in the answer (its group 1, where it has one) has to be the gold's text.
 *
 * <p>A pattern that backtracks without end is given up when the time limit interrupts the thread.
 *
 * @param extract pattern that reads the answer out of the text; null: the gold is the pattern
 * @param whole whether the gold's pattern has to match the whole answer rather than a part of it
 * @param flags of {@link Pattern#compile(String, int)}, for either pattern
 */
public record PatternMatch(@Nullable Pattern extract, boolean whole, int flags) implements Verifier {

  private static final int LONGEST_PATTERN = 10_000;

  @Override public Verdict verify(String gold, String answer) {
    if (extract == null && gold.length() > LONGEST_PATTERN) return tooLong();
    if (Excerpt.blank(gold)) return new Verdict.UnreadableGold("the expected %s is empty".formatted(extract == null ? "pattern" : "answer"));
    try {
      return extract == null ? matched(gold, answer) : extracted(gold, answer);
    } catch (Interruptible.Interrupted e) {
      return new Verdict.TimedOut("", "the pattern was still searching at the time limit");
    } catch (StackOverflowError e) {
      return new Verdict.Unanswered("the pattern needs more stack on this answer than there is");
    }
  }

  @Override public Verdict lint(String gold) {
    if (extract != null) return new ExactText("", false).verify(gold, gold);
    if (Excerpt.blank(gold) || gold.length() > LONGEST_PATTERN) return verify(gold, "");
    try {
      boolean matchesNothing = Pattern.compile(gold, flags).matcher("").matches();
      return matchesNothing
          ? new Verdict.Wrong(gold, "matches the empty text, so it may accept anything")
          : new Verdict.Right(gold, "a pattern");
    } catch (PatternSyntaxException e) {
      return unreadable(e);
    }
  }

  private Verdict matched(String gold, String answer) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(gold, flags);
    } catch (PatternSyntaxException e) {
      return unreadable(e);
    }
    if (Excerpt.blank(answer)) return new Verdict.Unanswered("the answer is empty");
    var matcher = pattern.matcher(new Interruptible(answer));
    boolean found = whole ? matcher.matches() : matcher.find();
    if (!found) return new Verdict.Wrong(Excerpt.cut(answer, 200), "does not match %s".formatted(Excerpt.of(gold)));
    return new Verdict.Right(Excerpt.cut(matcher.group(), 200), "matches");
  }

  private Verdict extracted(String gold, String answer) {
    var matcher = extract.matcher(new Interruptible(answer));
    String last = null;
    while (matcher.find()) last = text(matcher);
    if (last == null || Excerpt.blank(last)) return new Verdict.Unanswered("nothing in the answer matches %s".formatted(Excerpt.of(extract.pattern())));
    return new ExactText("", (flags & Pattern.CASE_INSENSITIVE) != 0).verify(gold, last);
  }

  private static @Nullable String text(Matcher matcher) {
    return matcher.groupCount() == 0 ? matcher.group() : matcher.group(1);
  }

  private static Verdict tooLong() {
    return new Verdict.UnreadableGold("a pattern of more than %d characters".formatted(LONGEST_PATTERN));
  }

  private static Verdict unreadable(PatternSyntaxException e) {
    return new Verdict.UnreadableGold("not a pattern: %s, at character %d".formatted(e.getDescription(), e.getIndex() + 1));
  }

  /** Text that stops a search when its thread is interrupted: every step of the matcher reads a character. */
  private record Interruptible(CharSequence text) implements CharSequence {
    static final class Interrupted extends RuntimeException {
      private static final long serialVersionUID = 1;

      Interrupted() {
        super("interrupted", null, false, false);
      }
    }

    @Override public char charAt(int index) {
      if (Thread.currentThread().isInterrupted()) throw new Interrupted();
      return text.charAt(index);
    }

    @Override public int length() {
      return text.length();
    }

    @Override public CharSequence subSequence(int start, int end) {
      return new Interruptible(text.subSequence(start, end));
    }

    @Override public String toString() {
      return text.toString();
    }
  }
}
