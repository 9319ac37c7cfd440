package io.ballast.checkers.math;

import java.util.Optional;

/**
 * Decides whether two scalars are the same number, or the same function of their variables.
 *
 * <ol>
 * <li>Different at a sampled point by more than rounding explains: different. This settles nearly every wrong answer.</li>
 * <li>Equal at every sampled point in fractions ({@link Exact}) or, with roots, π and e, to 50 digits ({@link Digits}): the
 *     same. Two different algebraic functions of an answer's size agree so at several random points with negligible
 *     probability.</li>
 * <li>Otherwise, with logarithms or angles in it, {@link Symbolic} decides, by simplification and with 40 digits.</li>
 * </ol>
 */
final class Zero {
  private static final int POINTS = 5;
  private static final double RELATIVE = 1e-9;
  private static final double ROUNDING = 1e-12;

  private Zero() {}

  static boolean same(Expr a, Expr b) {
    if (a.canonical().equals(b.canonical())) return true;
    var exactA = Exact.of(a);
    var exactB = Exact.of(b);
    if (exactA.isPresent() && exactB.isPresent()) return exactA.get().equals(exactB.get());

    boolean bounded = bounded(a) && bounded(b);
    boolean overReals = !Variables.none(a) && !Variables.imaginary(a) && !Variables.imaginary(b);
    int usable = 0, proved = 0;
    for (int point = 0; point < POINTS; point++) {
      var sample = new Sample(point);
      var other = new Sample(point);
      var x = sample.value(a);
      var y = other.value(b);
      if (overReals && sample.leftReals() && other.leftReals()) continue; // outside of what both are meant for
      if (!x.finite() && !y.finite()) continue;
      if (x.finite() != y.finite()) return false;
      double gap = Math.hypot(x.re() - y.re(), x.im() - y.im());
      if (gap > RELATIVE * Math.max(x.size(), y.size()) + ROUNDING * Math.max(sample.largest(), other.largest())) return false;
      usable++;
      if (!bounded) continue;
      var agree = agree(a, b, point);
      if (agree.isPresent() && !agree.get()) return false;
      if (agree.isPresent()) proved++;
    }
    if (usable > 0 && proved == usable) return true;
    return bounded && Symbolic.zero(Expr.difference(a, b), usable > 0);
  }

  /** Whether both are the same at a point, in fractions or to many digits; empty where they cannot be worked out so. */
  private static Optional<Boolean> agree(Expr a, Expr b, int point) {
    var x = Exact.at(a, point);
    var y = Exact.at(b, point);
    return x.isPresent() && y.isPresent() ? Optional.of(x.get().equals(y.get())) : Digits.agree(a, b, point);
  }

  /** The value of a constant; NaN where it has variables or none is finite or real. */
  static double constant(Expr expr) {
    if (!Variables.none(expr)) return Double.NaN;
    var value = new Sample(0).value(expr);
    return Math.abs(value.im()) <= 1e-12 * Math.max(1, Math.abs(value.re())) ? value.re() : Double.NaN;
  }

  /** Whether no power in it is so large that computing it could take all time and memory. */
  private static boolean bounded(Expr expr) {
    return switch (expr) {
      case Expr.Num n -> n.value().numerator().bitLength() + n.value().denominator().bitLength() < 4_000;
      case Expr.Add a -> a.terms().stream().allMatch(Zero::bounded);
      case Expr.Mul m -> m.factors().stream().allMatch(Zero::bounded);
      case Expr.Pow p -> bounded(p.base()) && bounded(p.exponent()) && modest(p.exponent(), 1_000);
      case Expr.Call c -> c.args().stream().allMatch(Zero::bounded) && (!c.name().equals("factorial") || modest(c.args().getFirst(), 1_000));
      default -> true;
    };
  }

  private static boolean modest(Expr expr, double limit) {
    var value = new Sample(0).value(expr);
    return value.finite() && value.size() <= limit;
  }
}
