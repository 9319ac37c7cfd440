package io.ballast.checkers.math;

import io.ballast.verify.Excerpt;
import io.ballast.verify.Rational;
import io.ballast.verify.Verdict;
import io.ballast.verify.Verifier;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Right where the answer says the same as the expected one: the same number, expression, set, interval, point, matrix,
 * equation or word, in LaTeX or plain writing.
 *
 * <p>Conventions where graders differ: lists without brackets have no order; a unit or a percent sign that only one side
 * writes is left off, two different units are not the same; 50% is 50 and 0.5,
 * but 0.5% is only 0.005; {@code x = 5} is the answer 5; a decimal stands for an exact
 * number only where it has {@code digits} significant digits, and for an irrational one only where they stand after the point;
 * a point may lack its brackets or name its coordinates; small letters are choices where a choice is expected; a letter expected is looked for in prose, too ("I would go with (B)"); a two-entry bracket has to match as written, since it may be
 * an interval; {@code log} without a base is that of base e on both sides or that of base 10 on both.
 *
 * <p>An expected answer that is blank or says there is none ({@code NaN}, {@code null}) is unreadable, so that no answer
 * never equals no answer.
 *
 * @param digits significant digits of a decimal that stands for what rounds to it
 */
public record MathVerifier(int digits) implements Verifier {
  private static final Set<String> NOTHING = Set.of("nan", "null", "n/a", "na", "[invalid]", "?", "\\text{nan}", "\\text{null}");
  private static final Pattern CHOICE = Pattern.compile("(?:\\\\(?:text|textbf|mathrm|mathbf|textrm)\\s*\\{)?\\s*\\(?\\s*([A-J])\\s*\\)?\\s*\\}?");
  private static final Pattern SMALL_CHOICE = Pattern.compile("\\(?[a-j]\\)?");
  private static final Pattern CHOICE_FIRST = Pattern.compile(
      "(?:\\\\(?:text|textbf|mathrm|mathbf|textrm)\\s*\\{)?\\s*(?:\\(\\s*([A-J])\\s*\\)|([A-J])\\s*[).:])\\s*\\}?\\s*(?:\\\\ |~|\\\\quad)*\\s*(.*)", Pattern.DOTALL);
  private static final Pattern CHOICE_AND_NAME = Pattern.compile("([A-J]) [A-Z][a-z].*", Pattern.DOTALL);
  private static final Pattern LOG = Pattern.compile("(?<![A-Za-z])[lL]og(?![A-Za-z_])");
  private static final Pattern EMPTY_SET = Pattern.compile("\\\\\\{\\s*\\\\\\}");
  private static final Pattern TEXT = Pattern.compile("\\\\(?:text|textbf|textit|textrm|mathrm|mbox)\\s*\\{([^{}]*)\\}");
  private static final Pattern LAYOUT = Pattern.compile("\\\\(?:left|right|displaystyle|!|,|;|:| )|(?<![0-9])\\s|\\s(?![0-9])|\\$");
  private static final Pattern WORD = Pattern.compile("[A-Za-z]{4,40}");
  private static final Pattern DECIMAL_COMMA = Pattern.compile("-?[0-9]+,(?:[0-9]{2}|[0-9]{4,})|-?0,[0-9]+");

  public MathVerifier {
    if (digits < 2 || digits > 15) throw new IllegalArgumentException("digits must be in [2, 15], got %d".formatted(digits));
  }

  @Override public Verdict verify(String gold, String answer) {
    var expected = AnswerFinder.gold(gold);
    var verdict = compared(gold, expected, answer);
    var letter = CHOICE.matcher(expected.strip());
    if (verdict instanceof Verdict.Right || !letter.matches() || AnswerFinder.in(answer).flatMap(MathVerifier::letter).isPresent()) return verdict;
    var chosen = Choices.in(answer);
    if (chosen.isEmpty()) return verdict;
    return chosen.get().equals(letter.group(1)) ? new Verdict.Right(chosen.get(), "the same choice") : new Verdict.Wrong(chosen.get(), "not equal to " + Excerpt.of(expected));
  }

  private Verdict compared(String gold, String expected, String answer) {
    if (!says(expected)) return new Verdict.UnreadableGold("the expected answer is " + (expected.isBlank() ? "empty" : Excerpt.of(expected)));
    if (Math.max(gold.length(), answer.length()) <= Lexer.LONGEST && plain(gold).equals(plain(answer))) return new Verdict.Right(Excerpt.cut(expected, 200), "written the same");
    var found = AnswerFinder.in(answer);
    if (found.isEmpty()) return new Verdict.Unanswered("no answer found: no box, no formula, no number");
    var given = found.get();
    var shown = Excerpt.cut(given, 200);
    if (!says(given)) return new Verdict.Unanswered("the answer is " + Excerpt.of(given));
    if (Math.max(expected.length(), given.length()) > Lexer.LONGEST) return tooLong(expected, given);
    if (plain(expected).equals(plain(given))) return new Verdict.Right(shown, "written the same");
    if (WORD.matcher(plain(given)).matches() && plain(given).equalsIgnoreCase(plain(expected))) return new Verdict.Right(shown, "the same word");
    if (choice(expected, given)) return new Verdict.Right(shown, "the same choice");

    Expr goldExpr, givenExpr;
    try {
      goldExpr = MathReader.read(expected);
    } catch (Unreadable e) {
      return new Verdict.UnreadableGold("%s cannot be read: %s".formatted(Excerpt.of(expected), e.getMessage()));
    }
    try {
      givenExpr = MathReader.read(given);
    } catch (Unreadable e) {
      return new Verdict.Unanswered("%s cannot be read: %s".formatted(Excerpt.of(given), e.getMessage()));
    }
    if (givenExpr instanceof Expr.Words && !(goldExpr instanceof Expr.Words)) return new Verdict.Unanswered("words where mathematics is expected: " + Excerpt.of(given));
    var sameness = new Sameness(digits);
    if (sameness.same(goldExpr, givenExpr) || sameInBaseTen(expected, given, sameness) || sameWithComma(expected, goldExpr, given, givenExpr, sameness)) {
      return new Verdict.Right(shown, "equal to " + Excerpt.of(expected));
    }
    return new Verdict.Wrong(shown, "not equal to " + Excerpt.of(expected));
  }

  private static Verdict tooLong(String expected, String given) {
    return expected.length() > Lexer.LONGEST
        ? new Verdict.UnreadableGold("the expected answer has more than %d characters".formatted(Lexer.LONGEST))
        : new Verdict.Unanswered("the answer has more than %d characters".formatted(Lexer.LONGEST));
  }

  @Override public Verdict lint(String gold) {
    var expected = AnswerFinder.gold(gold);
    if (!says(expected)) return verify(gold, gold);
    if (letter(expected).isPresent()) return new Verdict.Right(Excerpt.cut(expected, 200), "a choice");
    try {
      var expr = MathReader.read(expected);
      return new Sameness(digits).same(expr, expr)
          ? new Verdict.Right(Excerpt.cut(expected, 200), "reads as " + Excerpt.cut(expr.canonical(), 200))
          : new Verdict.UnreadableGold("%s does not equal itself".formatted(Excerpt.of(expected)));
    } catch (Unreadable e) {
      return new Verdict.UnreadableGold("%s cannot be read: %s".formatted(Excerpt.of(expected), e.getMessage()));
    }
  }

  private static boolean says(String text) {
    var bare = text.strip().toLowerCase(Locale.ROOT);
    return EMPTY_SET.matcher(bare).matches() || !NOTHING.contains(bare) && !text.strip().equals("None") && bare.chars().anyMatch(c -> Character.isLetterOrDigit(c) || c == '∞' || c == '∅' || Character.getType(c) == Character.OTHER_NUMBER);
  }

  /** The text without layout, for answers that are written the same. */
  private static String plain(String text) {
    return LAYOUT.matcher(TEXT.matcher(text).replaceAll("$1")).replaceAll("").replace("dfrac", "frac").replace("tfrac", "frac");
  }

  /** Multiple choice: the letter alone, in brackets, or before the option's text; where the gold has both, either. */
  private static boolean choice(String expected, String given) {
    var letter = letter(SMALL_CHOICE.matcher(expected.strip()).matches() ? expected.toUpperCase(Locale.ROOT) : expected);
    var answer = SMALL_CHOICE.matcher(given.strip()).matches() ? given.toUpperCase(Locale.ROOT) : given;
    var option = CHOICE_AND_NAME.matcher(expected.strip()); // C Caesar
    if (option.matches() && CHOICE.matcher(answer.strip()).matches()) return letter(answer).equals(Optional.of(option.group(1)));
    return letter.isPresent() && letter.equals(letter(answer)) && (expected.strip().length() <= 3 || CHOICE.matcher(expected).matches() || CHOICE.matcher(answer).matches());
  }

  private static Optional<String> letter(String text) {
    var alone = CHOICE.matcher(text.strip());
    if (alone.matches()) return Optional.of(alone.group(1));
    var first = CHOICE_FIRST.matcher(text.strip());
    return first.matches() ? Optional.of(first.group(1) == null ? first.group(2) : first.group(1)) : Optional.empty();
  }

  /** Whether both are the same where {@code log} without a base is that of base 10, as many write it. */
  private static boolean sameInBaseTen(String expected, String given, Sameness sameness) {
    if (!LOG.matcher(expected).find() && !LOG.matcher(given).find()) return false;
    try {
      return sameness.same(MathReader.read(expected, true), MathReader.read(given, true));
    } catch (Unreadable e) {
      return false;
    }
  }

  /** {@code 1000,99} for 1000.99: read so only where it cannot well be a list, and only on one side. */
  private static boolean sameWithComma(String expected, Expr gold, String given, Expr answer, Sameness sameness) {
    var fromGold = decimal(expected);
    var fromGiven = decimal(given);
    return (fromGold.isPresent() && sameness.same(fromGold.get(), answer)) || (fromGiven.isPresent() && sameness.same(gold, fromGiven.get()));
  }

  private static Optional<Expr> decimal(String text) {
    if (!DECIMAL_COMMA.matcher(text.strip()).matches() || text.length() > 40) return Optional.empty();
    var value = new BigDecimal(text.strip().replace(',', '.'));
    return Optional.of(new Expr.Num(Rational.of(value), value.scale(), value.precision()));
  }
}
