package io.ballast.checkers.math;

import java.math.MathContext;
import java.math.BigDecimal;
import io.ballast.verify.Rational;
import java.util.List;
import java.util.Optional;

/**
 * The value of a scalar expression at a point: every variable, and every function we know nothing of, gets a number that
 * depends on its name and the point's number alone.
 */
final class Sample {
  private final int point;
  private double largest;
  private boolean leftReals;

  Sample(int point) {
    this.point = point;
  }

  /** Size of the largest term met on the way: what rounding errors are relative to. */
  double largest() {
    return largest;
  }

  /** Whether a value met on the way is not real, such as the root of a negative number. */
  boolean leftReals() {
    return leftReals;
  }

  /** Denominator of the numbers that stand for variables: a prime, so that they are neither whole nor roots of anything simple. */
  static final int PARTS = 67;

  /** Numerator over {@link #PARTS} of the number that stands for {@code name}: about 1/2 to 5/2, negative at some points. */
  static int numerator(String name, int point) {
    int hash = name.hashCode() * 0x9E3779B1 + point * 0x85EBCA6B;
    hash = (hash ^ (hash >>> 15)) * 0x2C1B3C6D;
    hash ^= hash >>> 13;
    int size = 34 + Math.floorMod(hash, 128);
    if (size % PARTS == 0) size++;
    return point >= 3 && (hash >>> 20 & 1) == 1 ? -size : size;
  }

  static double toDouble(Rational value) {
    return new BigDecimal(value.numerator()).divide(new BigDecimal(value.denominator()), MathContext.DECIMAL64).doubleValue();
  }

  /** Not finite where the expression has no value here. */
  Complex value(Expr expr) {
    var value = switch (expr) {
      case Expr.Num n -> Complex.real(toDouble(n.value()));
      case Expr.Sym s -> symbol(s.name());
      case Expr.Add a -> a.terms().stream().map(this::value).reduce(Complex.real(0), Complex::plus);
      case Expr.Mul m -> m.factors().stream().map(this::value).reduce(Complex.real(1), Complex::times);
      case Expr.Pow p -> power(p);
      case Expr.Call c -> call(c);
      default -> Complex.NAN;
    };
    if (value.finite()) largest = Math.max(largest, value.size());
    leftReals |= value.im() != 0;
    return value;
  }

  private Complex symbol(String name) {
    return switch (name) {
      case "pi" -> Complex.real(Math.PI);
      case "e" -> Complex.real(Math.E);
      case "i" -> new Complex(0, 1);
      default -> Complex.real(numerator(name, point) / (double) PARTS);
    };
  }

  private Complex power(Expr.Pow power) {
    var base = value(power.base());
    boolean negative = base.im() == 0 && base.re() < 0;
    var root = negative ? Exact.of(power.exponent()) : Optional.<Rational>empty();
    boolean realRoot = root.isPresent() && root.get().denominator().testBit(0) && root.get().denominator().bitLength() > 1;
    if (realRoot) { // the real root of a negative number where there is one, as school has it
      double size = Math.pow(-base.re(), toDouble(root.get()));
      return Complex.real(root.get().numerator().testBit(0) ? -size : size);
    }
    return base.pow(value(power.exponent()));
  }

  private Complex call(Expr.Call call) {
    var args = call.args().stream().map(Expr::scalar).allMatch(scalar -> scalar) ? call.args().stream().map(this::value).toList() : List.<Complex>of();
    if (args.size() == 1) {
      var x = args.getFirst();
      boolean real = x.im() == 0;
      switch (call.name()) {
        case "ln" -> {
          return x.ln();
        }
        case "abs" -> {
          return Complex.real(x.size());
        }
        case "degree" -> {
          return x.times(Complex.real(Math.PI / 180));
        }
        default -> {
          if (real && Double.isFinite(function(call.name(), x.re()))) return Complex.real(function(call.name(), x.re()));
          if (known(call.name())) return Complex.NAN;
        }
      }
    }
    if (args.size() == 2 && call.name().equals("binomial")) {
      double n = args.get(0).re(), k = args.get(1).re();
      return Complex.real(gamma(n + 1) / (gamma(k + 1) * gamma(n - k + 1)));
    }
    if (!args.isEmpty() && (call.name().equals("max") || call.name().equals("min"))) {
      var sizes = args.stream().mapToDouble(Complex::re);
      return Complex.real(call.name().equals("max") ? sizes.max().getAsDouble() : sizes.min().getAsDouble());
    }
    return Complex.real(numerator(call.canonical(), point) / (double) PARTS);
  }

  static boolean known(String function) {
    return !Double.isNaN(function(function, 0.5)) || !Double.isNaN(function(function, 1.5));
  }

  private static double function(String name, double x) {
    return switch (name) {
      case "sin" -> Math.sin(x);
      case "cos" -> Math.cos(x);
      case "tan" -> Math.tan(x);
      case "cot" -> 1 / Math.tan(x);
      case "sec" -> 1 / Math.cos(x);
      case "csc" -> 1 / Math.sin(x);
      case "arcsin" -> Math.asin(x);
      case "arccos" -> Math.acos(x);
      case "arctan" -> Math.atan(x);
      case "arccot" -> Math.PI / 2 - Math.atan(x);
      case "sinh" -> Math.sinh(x);
      case "cosh" -> Math.cosh(x);
      case "tanh" -> Math.tanh(x);
      case "floor" -> Math.floor(x);
      case "ceil" -> Math.ceil(x);
      case "factorial" -> gamma(x + 1);
      default -> Double.NaN;
    };
  }

  /** Γ by Lanczos' series with g = 7, nine terms: relative error about 1e-14; exact for small whole numbers. */
  private static double gamma(double x) {
    if (x == Math.rint(x) && x >= 1 && x <= 171) {
      double product = 1;
      for (int i = 2; i < x; i++) product *= i;
      return product;
    }
    if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
    double[] c = {0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
        12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7};
    double sum = c[0];
    for (int i = 1; i < c.length; i++) sum += c[i] / (x - 1 + i);
    double t = x + 6.5;
    return Math.sqrt(2 * Math.PI) * Math.pow(t, x - 0.5) * Math.exp(-t) * sum;
  }
}
