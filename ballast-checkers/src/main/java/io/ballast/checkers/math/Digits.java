package io.ballast.checkers.math;

import io.ballast.verify.Rational;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.List;
import java.util.Optional;

/**
 * Real expressions of sums, products, powers, roots, π and e to 80 digits, at the points of {@link Sample}. Two that agree
 * to 50 digits are taken to be the same: near misses such as e^(π√163) against a whole number part within 30.
 */
final class Digits {
  private static final MathContext PRECISION = new MathContext(80);
  private static final BigDecimal AGREEMENT = new BigDecimal("1e-50");
  private static final int MOST_BITS = 20_000;
  private static final int LARGEST_ROOT = 20;
  private static final BigDecimal PI = new BigDecimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798");
  private static final BigDecimal E = new BigDecimal("2.71828182845904523536028747135266249775724709369995957496696762772407663035354759457138217852516642743");

  private final int point;
  private BigDecimal largest = BigDecimal.ONE;

  private Digits(int point) {
    this.point = point;
  }

  /** Whether both agree at the point; empty where one of them holds what is not worked out here or has no real value. */
  static Optional<Boolean> agree(Expr a, Expr b, int point) {
    try {
      var digits = new Digits(point);
      var x = digits.value(a);
      var y = digits.value(b);
      return Optional.of(x.subtract(y, PRECISION).abs().compareTo(AGREEMENT.multiply(digits.largest, PRECISION)) <= 0);
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }

  private BigDecimal value(Expr expr) {
    var value = switch (expr) {
      case Expr.Num n -> decimal(n.value());
      case Expr.Sym s -> switch (s.name()) {
        case "pi" -> PI;
        case "e" -> E;
        case "i" -> throw new ArithmeticException("not real");
        default -> decimal(new Rational(BigInteger.valueOf(Sample.numerator(s.name(), point)), BigInteger.valueOf(Sample.PARTS)));
      };
      case Expr.Add a -> a.terms().stream().map(this::value).reduce(BigDecimal.ZERO, (x, y) -> x.add(y, PRECISION));
      case Expr.Mul m -> m.factors().stream().map(this::value).reduce(BigDecimal.ONE, (x, y) -> x.multiply(y, PRECISION));
      case Expr.Pow p -> power(value(p.base()), Exact.at(p.exponent(), point).orElseThrow(() -> new ArithmeticException("an exponent that is no fraction")));
      case Expr.Call c when c.name().equals("abs") && c.args().size() == 1 -> value(c.args().getFirst()).abs();
      case Expr.Call c when !Symbolic.FUNCTIONS.containsKey(c.name()) ->
          decimal(new Rational(BigInteger.valueOf(Sample.numerator(c.canonical(), point)), BigInteger.valueOf(Sample.PARTS)));
      default -> throw new ArithmeticException("not worked out here");
    };
    largest = largest.max(value.abs());
    return value;
  }

  private static BigDecimal decimal(Rational value) {
    return new BigDecimal(value.numerator()).divide(new BigDecimal(value.denominator()), PRECISION);
  }

  private static BigDecimal power(BigDecimal base, Rational exponent) {
    if (exponent.numerator().bitLength() > 20 || exponent.denominator().bitLength() > 20) throw new ArithmeticException("a large exponent");
    int top = exponent.numerator().intValue(), degree = exponent.denominator().intValue();
    double bits = Math.abs(top) * Math.abs(Math.log(Math.max(1e-300, base.abs().doubleValue())));
    if (bits > MOST_BITS || degree > LARGEST_ROOT) throw new ArithmeticException("a large power");
    var root = degree == 1 ? base : root(base, degree);
    return top >= 0 ? root.pow(top, PRECISION) : BigDecimal.ONE.divide(root.pow(-top, PRECISION), PRECISION);
  }

  /** The real root: of a negative number only where the degree is odd. Newton's iteration from the double's root. */
  private static BigDecimal root(BigDecimal value, int degree) {
    if (value.signum() == 0) return value;
    if (value.signum() < 0) {
      if (degree % 2 == 0) throw new ArithmeticException("not real");
      return root(value.negate(), degree).negate();
    }
    if (degree == 2) return value.sqrt(PRECISION);
    double start = Math.pow(value.doubleValue(), 1.0 / degree);
    if (!(start > 0) || Double.isInfinite(start)) throw new ArithmeticException("out of range");
    var x = new BigDecimal(start);
    var n = BigDecimal.valueOf(degree);
    for (int i = 0; i < 5; i++) { // 15 digits double with each: 240 after four
      x = x.subtract(x.subtract(value.divide(x.pow(degree - 1, PRECISION), PRECISION), PRECISION).divide(n, PRECISION), PRECISION);
    }
    return x;
  }
}
