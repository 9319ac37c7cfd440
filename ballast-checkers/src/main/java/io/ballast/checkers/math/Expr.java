package io.ballast.checkers.math;

import io.ballast.verify.Rational;
import java.util.List;
import java.util.stream.Collectors;

/** What an answer says. Scalars first, then what scalars are put into. */
sealed interface Expr {

  /**
   * A number as written.
   *
   * @param decimals digits after the point, 0 for whole numbers
   * @param significant digits without leading zeros
   */
  record Num(Rational value, int decimals, int significant) implements Expr {}

  /** A variable or constant; {@code pi}, {@code e} and {@code i} are the constants. */
  record Sym(String name) implements Expr {}

  record Add(List<Expr> terms) implements Expr {}

  record Mul(List<Expr> factors) implements Expr {}

  record Pow(Expr base, Expr exponent) implements Expr {}

  /** A function we evaluate ({@code sqrt}, {@code sin}, …) or know nothing of but its name. */
  record Call(String name, List<Expr> args) implements Expr {}

  /** Positive infinity. */
  record Infinity() implements Expr {}

  /** One of two signs: {@code ±value}, or {@code ∓value} where {@code flipped}. */
  record PlusMinus(Expr value, boolean flipped) implements Expr {}

  /** A value with its unit: {@code %}, {@code deg}, {@code $}, or a unit's name. */
  record Measured(Expr value, String unit) implements Expr {}

  /** Digits with the base they are written in: {@code 204_5}. */
  record Based(String digits, int base) implements Expr {}

  /** {@code 7:32}, also a time of day. */
  record Ratio(List<Expr> parts) implements Expr {}

  /** Ordered, with its brackets: a point, a vector, or an interval. */
  record Tuple(char open, List<Expr> items, char close) implements Expr {}

  record SetOf(List<Expr> items) implements Expr {}

  /** Answers side by side without brackets: {@code 1, 2} or {@code x = 1 or x = 2}. Their order does not matter. */
  record Listing(List<Expr> items) implements Expr {}

  record Matrix(List<List<Expr>> rows) implements Expr {}

  /** {@code union}, {@code intersection} or {@code minus} of sets. */
  record SetOperation(String operation, List<Expr> sets) implements Expr {}

  /** {@code a < b <= c}: n + 1 sides, n operators of {@code = < <= > >= != in ~}. */
  record Relation(List<Expr> sides, List<String> operators) implements Expr {}

  record Words(String text) implements Expr {}

  /** The same text for expressions that differ only in the order of terms, factors and set members. */
  default String canonical() {
    return switch (this) {
      case Num n -> n.value.toString();
      case Sym s -> s.name;
      case Add a -> sorted("+", a.terms);
      case Mul m -> sorted("*", m.factors);
      case Pow p -> "(" + p.base.canonical() + ")^(" + p.exponent.canonical() + ")";
      case Call c -> c.name + listed("(", c.args, ")");
      case Infinity _ -> "inf";
      case PlusMinus p -> (p.flipped ? "-+" : "+-") + p.value.canonical();
      case Measured m -> m.value.canonical() + " " + m.unit;
      case Based b -> b.digits + "_" + b.base;
      case Ratio r -> listed("ratio(", r.parts, ")");
      case Tuple t -> listed("" + t.open, t.items, "" + t.close);
      case SetOf s -> sorted("set", s.items);
      case Listing l -> sorted("list", l.items);
      case Matrix m -> m.rows.stream().map(row -> listed("[", row, "]")).collect(Collectors.joining(",", "matrix(", ")"));
      case SetOperation s -> s.operation.equals("minus") ? listed("minus(", s.sets, ")") : sorted(s.operation, s.sets);
      case Relation r -> r.operators + listed("(", r.sides, ")");
      case Words w -> "\"" + w.text + "\"";
    };
  }

  private static String sorted(String name, List<Expr> items) {
    return items.stream().map(Expr::canonical).sorted().collect(Collectors.joining(",", name + "(", ")"));
  }

  private static String listed(String open, List<Expr> items, String close) {
    return items.stream().map(Expr::canonical).collect(Collectors.joining(",", open, close));
  }

  static Num whole(long value) {
    return new Num(Rational.of(value), 0, Long.toString(Math.abs(value)).length());
  }

  static Expr negated(Expr value) {
    return value instanceof Num n
        ? new Num(Rational.of(0).apply('-', n.value), n.decimals, n.significant)
        : new Mul(List.of(whole(-1), value));
  }

  static Expr difference(Expr a, Expr b) {
    return new Add(List.of(a, negated(b)));
  }

  static Expr quotient(Expr a, Expr b) {
    return new Mul(List.of(a, new Pow(b, whole(-1))));
  }

  /** Whether it stands for one number: no sets, tuples, matrices, relations, words. */
  default boolean scalar() {
    return switch (this) {
      case Num _, Sym _ -> true;
      case Add a -> a.terms.stream().allMatch(Expr::scalar);
      case Mul m -> m.factors.stream().allMatch(Expr::scalar);
      case Pow p -> p.base.scalar() && p.exponent.scalar();
      case Call _ -> true;
      default -> false;
    };
  }

  /** Whether a sign that stands for two occurs in it. */
  default boolean twoSigned() {
    return switch (this) {
      case PlusMinus _ -> true;
      case Add a -> a.terms.stream().anyMatch(Expr::twoSigned);
      case Mul m -> m.factors.stream().anyMatch(Expr::twoSigned);
      case Pow p -> p.base.twoSigned() || p.exponent.twoSigned();
      case Call c -> c.args.stream().anyMatch(Expr::twoSigned);
      case Measured m -> m.value.twoSigned();
      case Tuple t -> t.items.stream().anyMatch(Expr::twoSigned);
      default -> false;
    };
  }

  /** With every two-valued sign decided: {@code upper} takes + for ± and − for ∓. */
  default Expr signed(boolean upper) {
    return switch (this) {
      case PlusMinus p -> p.flipped == upper ? negated(p.value.signed(upper)) : p.value.signed(upper);
      case Add a -> new Add(a.terms.stream().map(term -> term.signed(upper)).toList());
      case Mul m -> new Mul(m.factors.stream().map(factor -> factor.signed(upper)).toList());
      case Pow p -> new Pow(p.base.signed(upper), p.exponent.signed(upper));
      case Call c -> new Call(c.name, c.args.stream().map(arg -> arg.signed(upper)).toList());
      case Measured m -> new Measured(m.value.signed(upper), m.unit);
      case Tuple t -> new Tuple(t.open, t.items.stream().map(item -> item.signed(upper)).toList(), t.close);
      default -> this;
    };
  }
}
