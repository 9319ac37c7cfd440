package io.ballast.verify;

import java.math.BigDecimal;
import java.util.Optional;

/** Decimal numbers in ASCII digits, read within bounds: nothing here grows with an exponent. */
public final class Numerals {
  /** Digits beyond this are refused, so that comparing stays cheap. */
  private static final int LONGEST = 1_000;

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

  /** Right where both are the same number, wrong otherwise. */
  public static Verdict compare(BigDecimal given, BigDecimal expected) {
    var text = given.toPlainString();
    return given.compareTo(expected) == 0
        ? new Verdict.Right(text, "equal as numbers")
        : new Verdict.Wrong(text, "expected %s".formatted(expected.toPlainString()));
  }
}
