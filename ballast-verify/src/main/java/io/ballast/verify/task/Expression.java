package io.ballast.verify.task;

import io.ballast.verify.Numerals;
import io.ballast.verify.Rational;
import java.util.ArrayList;
import java.util.List;

/**
 * An arithmetic expression over {@code + - * / ( )} and ASCII decimals, evaluated exactly.
 *
 * <pre>
 *   sum    = product { (+|-) product }
 *   product = factor { (*|/) factor }
 *   factor = number | '(' sum ')' | '-' factor
 * </pre>
 *
 * Bounded: at most 1,000 characters and 100 levels, so neither time nor stack can run away.
 *
 * @param value of the whole
 * @param numbers the literals in it, in order
 */
record Expression(Rational value, List<Rational> numbers) {
  static final int LONGEST = 1_000;
  private static final int DEEPEST = 100;

  /** Why a text is no expression, in words. */
  static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1;

    Unreadable(String message) {
      super(message, null, false, false);
    }
  }

  /** Reads and evaluates the whole text; blanks are skipped. */
  static Expression read(String text) throws Unreadable {
    if (text.length() > LONGEST) throw new Unreadable("longer than %d characters".formatted(LONGEST));
    var reader = new Reader(text);
    try {
      var value = reader.sum(0);
      reader.skipBlanks();
      if (reader.at < text.length()) throw reader.unexpected();
      return new Expression(value, List.copyOf(reader.numbers));
    } catch (ArithmeticException e) {
      throw new Unreadable("division by zero");
    }
  }

  private static final class Reader {
    private final String text;
    private final List<Rational> numbers = new ArrayList<>();
    private int at;

    Reader(String text) {
      this.text = text;
    }

    Rational sum(int depth) throws Unreadable {
      var value = product(depth);
      while (next('+') || next('-')) {
        char operator = text.charAt(at++);
        value = value.apply(operator, product(depth));
      }
      return value;
    }

    Rational product(int depth) throws Unreadable {
      var value = factor(depth);
      while (next('*') || next('/')) {
        char operator = text.charAt(at++);
        value = value.apply(operator, factor(depth));
      }
      return value;
    }

    Rational factor(int depth) throws Unreadable {
      if (depth > DEEPEST) throw new Unreadable("nested more than %d deep".formatted(DEEPEST));
      if (next('-')) {
        at++;
        return Rational.of(0).apply('-', factor(depth + 1));
      }
      if (next('(')) {
        at++;
        var value = sum(depth + 1);
        if (!next(')')) throw unexpected();
        at++;
        return value;
      }
      return number();
    }

    Rational number() throws Unreadable {
      skipBlanks();
      int start = at;
      while (at < text.length() && (isDigit(text.charAt(at)) || text.charAt(at) == '.')) at++;
      var literal = Numerals.plain(text.substring(start, at));
      if (literal.isEmpty()) throw unexpected();
      var value = Rational.of(literal.get());
      numbers.add(value);
      return value;
    }

    boolean next(char wanted) {
      skipBlanks();
      return at < text.length() && text.charAt(at) == wanted;
    }

    void skipBlanks() {
      while (at < text.length() && text.charAt(at) == ' ') at++;
    }

    Unreadable unexpected() {
      return new Unreadable(at < text.length()
          ? "unexpected '%c' at character %d".formatted(text.charAt(at), at + 1)
          : "ends where a number or ) should follow");
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
