package io.ballast.checkers.math;

import io.ballast.verify.Rational;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Expressions evaluated in fractions, where that is possible: no constants but rationals, no functions, powers of bounded size. */
final class Exact {
  private static final int MOST_BITS = 20_000;
  private static final int CONSTANT = -1;

  private Exact() {}

  /** The value of an expression without variables. */
  static Optional<Rational> of(Expr expr) {
    return at(expr, CONSTANT);
  }

  /** The value with every variable at the fraction that {@link Sample} gives it at the same point. */
  static Optional<Rational> at(Expr expr, int point) {
    try {
      return Optional.ofNullable(value(expr, point));
    } catch (ArithmeticException e) {
      return Optional.empty(); // division by zero: no value here
    }
  }

  private static @Nullable Rational value(Expr expr, int point) {
    return switch (expr) {
      case Expr.Num n -> n.value();
      case Expr.Sym s -> point == CONSTANT || s.name().equals("pi") || s.name().equals("e") || s.name().equals("i")
          ? null : new Rational(BigInteger.valueOf(Sample.numerator(s.name(), point)), BigInteger.valueOf(Sample.PARTS));
      case Expr.Add a -> folded('+', a.terms(), point);
      case Expr.Mul m -> folded('*', m.factors(), point);
      case Expr.Pow p -> power(value(p.base(), point), value(p.exponent(), point));
      case Expr.Call c when c.name().equals("factorial") && c.args().size() == 1 -> factorial(value(c.args().getFirst(), point));
      case Expr.Call c when c.name().equals("abs") && c.args().size() == 1 -> {
        var value = value(c.args().getFirst(), point);
        yield value == null ? null : new Rational(value.numerator().abs(), value.denominator());
      }
      default -> null;
    };
  }

  private static @Nullable Rational folded(char operator, List<Expr> items, int point) {
    Rational result = null;
    for (var item : items) {
      var value = value(item, point);
      if (value == null) return null;
      result = result == null ? value : result.apply(operator, value);
      if (bits(result) > MOST_BITS) return null;
    }
    return result;
  }

  private static @Nullable Rational power(@Nullable Rational base, @Nullable Rational exponent) {
    if (base == null || exponent == null) return null;
    if (exponent.denominator().equals(BigInteger.TWO)) {
      base = root(base);
      if (base == null) return null;
      exponent = new Rational(exponent.numerator(), BigInteger.ONE);
    }
    var whole = exponent.whole();
    if (whole.isEmpty() || Math.abs(whole.get()) * Math.max(1L, bits(base)) > MOST_BITS) return null;
    int n = (int) Math.abs(whole.get());
    var power = new Rational(base.numerator().pow(n), base.denominator().pow(n));
    return whole.get() >= 0 ? power : Rational.of(1).apply('/', power);
  }

  /** The square root where it is a fraction. */
  private static @Nullable Rational root(Rational value) {
    if (value.numerator().signum() < 0) return null;
    var top = value.numerator().sqrtAndRemainder();
    var bottom = value.denominator().sqrtAndRemainder();
    return top[1].signum() == 0 && bottom[1].signum() == 0 ? new Rational(top[0], bottom[0]) : null;
  }

  private static @Nullable Rational factorial(@Nullable Rational value) {
    if (value == null || value.whole().isEmpty() || value.whole().get() < 0 || value.whole().get() > 1_000) return null;
    var product = BigInteger.ONE;
    for (long i = 2; i <= value.whole().get(); i++) product = product.multiply(BigInteger.valueOf(i));
    return new Rational(product, BigInteger.ONE);
  }

  private static int bits(Rational value) {
    return Math.max(value.numerator().bitLength(), value.denominator().bitLength());
  }
}
