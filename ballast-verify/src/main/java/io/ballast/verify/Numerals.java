package io.ballast.verify;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/** Decimal numbers in ASCII digits, read within bounds: nothing here grows with an exponent. */
public final class Numerals {
  /** Digits beyond this are refused, so that comparing stays cheap. */
  private static final int LONGEST = 1_000;

  private static final Pattern WELL_FORMED = Pattern.compile("(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)?(?:\\.[0-9]+)?(?<=[0-9])");

  private Numerals() {}

  /** The whole text as a number: a sign, digits, a point; no separators, no exponent. */
  public static Optional<BigDecimal> plain(String text) {
    int n = text.length();
    if (n == 0 || n > LONGEST) return Optional.empty();
    int i = text.charAt(0) == '-' || text.charAt(0) == '+' ? 1 : 0;
    int digits = 0, points = 0;
    for (; i < n; i++) {
      char c = text.charAt(i);
      if (c == '.') points++;
      else if (c >= '0' && c <= '9') digits++;
      else return Optional.empty();
    }
    return digits > 0 && points <= 1 ? Optional.of(new BigDecimal(text)) : Optional.empty();
  }

  /**
   * The number that starts the text at {@code from}: blanks, emphasis and a currency sign may stand before it, commas between
   * groups of three digits in it, and anything after it that does not make it another number.
   */
  public static Optional<BigDecimal> leading(String text, int from) {
    int n = text.length(), i = from;
    boolean negative = false, signed = false;
    for (; i < n && " \t*$\\£€¥-−+".indexOf(text.charAt(i)) >= 0; i++) {
      char c = text.charAt(i);
      boolean sign = c == '-' || c == '−' || c == '+';
      if (sign && signed) return Optional.empty();
      signed |= sign;
      negative |= sign && c != '+';
    }
    int start = i;
    while (i < n && i - start <= LONGEST && (isDigit(text.charAt(i)) || (text.charAt(i) == ',' || text.charAt(i) == '.') && digitAt(text, i + 1))) i++;
    var digits = text.substring(start, i);
    if (!WELL_FORMED.matcher(digits).matches() || goesOn(text, i)) return Optional.empty();
    var value = new BigDecimal(digits.replace(",", ""));
    return Optional.of(negative ? value.negate() : value);
  }

  /** Whether what follows a number makes it a part of something else: a fraction, a time, a power, an exponent. */
  private static boolean goesOn(String text, int i) {
    if (i >= text.length()) return false;
    char c = text.charAt(i);
    if (c == '/' || c == ':' || c == '^' || c == '*' && !text.startsWith("**", i)) return digitAt(text, i + 1) || c == '^';
    if (c == 'e' || c == 'E') return digitAt(text, i + 1) || (i + 1 < text.length() && "+-".indexOf(text.charAt(i + 1)) >= 0 && digitAt(text, i + 2));
    return Character.isDigit(c) || isDigit(c);
  }

  private static boolean digitAt(String text, int i) {
    return i < text.length() && isDigit(text.charAt(i));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Right where both are the same number, wrong otherwise. */
  public static Verdict compare(BigDecimal given, BigDecimal expected) {
    var text = given.toPlainString();
    return given.compareTo(expected) == 0
        ? new Verdict.Right(text, "equal as numbers")
        : new Verdict.Wrong(text, "expected %s".formatted(expected.toPlainString()));
  }
}
