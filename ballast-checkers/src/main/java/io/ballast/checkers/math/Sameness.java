package io.ballast.checkers.math;

import io.ballast.verify.Rational;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Compares what two answers say. Scalars go to {@link Zero}; sets and lists are compared without order, points and
 * intervals with it, equations up to a factor, inequalities as intervals.
 *
 * @param digits a decimal with at least this many significant digits also stands for every number that rounds to it; for an
 *     irrational number they have to stand after the point
 */
record Sameness(int digits) {
  private static final int MOST_ITEMS = 100;

  boolean same(Expr gold, Expr given) {
    if (RealSet.describes(gold) || RealSet.describes(given)) {
      var expected = RealSet.of(gold);
      var actual = RealSet.of(given);
      if (expected.isPresent() && actual.isPresent()) return expected.get().same(actual.get(), this::sameScalar);
    }
    return sameEquation(gold, given) || sameAnswer(simplified(gold), simplified(given));
  }

  // ---- what an answer is about: x = 5 is the answer 5 for x

  private record Named(Expr name, Expr value) {}

  /** {@code x = 5} and {@code x = 2 + 3 = 5} as a name and its value; empty where it is an equation. */
  private static Optional<Named> named(Expr expr) {
    if (!(expr instanceof Expr.Relation(var sides, var operators))) return Optional.empty();
    if (operators.getLast().equals("in")) return Optional.of(new Named(sides.getFirst(), sides.getLast()));
    if (!operators.stream().allMatch(operator -> operator.equals("=") || operator.equals("~"))) return Optional.empty();
    int end = operators.indexOf("~");
    if (end <= 0) end = sides.size() - 1; // x ≈ 11 is all there is; x = 1/3 ≈ 0.33 says 1/3
    for (int i = end - 1; i >= 0; i--) {
      if (isName(sides.get(i))) return Optional.of(new Named(sides.get(i), sides.get(end)));
    }
    if (end == 1 && sides.size() == 2 && isName(sides.get(1))) return Optional.of(new Named(sides.get(1), sides.get(0))); // 2 = x
    if (isValueChain(sides, operators)) return Optional.of(new Named(new Expr.Words(""), sides.getFirst()));
    boolean worked = sides.subList(0, end + 1).stream().map(side -> side instanceof Expr.Measured m ? m.value() : side)
        .allMatch(side -> side.scalar() && Variables.none(side));
    return worked ? Optional.of(new Named(new Expr.Words(""), sides.get(end))) : Optional.empty();
  }

  /** {@code √3/3 ≈ 0.577}: the exact value is the answer. */
  private static boolean isValueChain(List<Expr> sides, List<String> operators) {
    return operators.size() == 1 && operators.getFirst().equals("~") && sides.getFirst().scalar() && Variables.none(sides.getFirst());
  }

  /** Whether an expression can be what an answer is called: a variable, f(x), AB, |AB|, AB : CD, (p, q). */
  static boolean isName(Expr expr) {
    return switch (expr) {
      case Expr.Sym s -> !Set.of("pi", "e", "i").contains(s.name());
      case Expr.Call c -> c.name().equals("abs") || c.name().equals("prime") ? isName(c.args().getFirst())
          : !Sample.known(c.name()) && !c.name().equals("ln") && !c.name().equals("degree");
      case Expr.Mul m -> m.factors().stream().allMatch(Sameness::isPoint) || isApplication(m) || isPointRatio(m);
      case Expr.Ratio r -> r.parts().stream().allMatch(Sameness::isName);
      case Expr.Tuple t -> t.items().stream().allMatch(Sameness::isName);
      case Expr.Words _ -> true;
      default -> false;
    };
  }

  private static boolean isPoint(Expr expr) {
    return expr instanceof Expr.Sym s && Character.isUpperCase(s.name().charAt(0));
  }

  /** {@code W(n)}, which reads as a product of W and n. */
  private static boolean isApplication(Expr.Mul product) {
    return product.factors().size() == 2 && isPoint(product.factors().getFirst()) && product.factors().getLast() instanceof Expr.Sym;
  }

  private static boolean isPointRatio(Expr.Mul product) {
    return product.factors().stream().allMatch(factor -> factor instanceof Expr.Pow(var base, var exponent)
        ? exponent.equals(Expr.whole(-1)) && isName(base) : isName(factor));
  }

  // ---- one form for what can be written in several

  private static Expr simplified(Expr expr) {
    var named = named(expr);
    if (named.isPresent()) {
      var value = simplified(named.get().value());
      return named.get().name() instanceof Expr.Words(var text) && text.isEmpty() ? value
          : new Expr.Relation(List.of(named.get().name(), value), List.of("="));
    }
    var interval = interval(expr);
    if (interval.isPresent()) return interval.get();
    return switch (expr) {
      case Expr.SetOf(var items) -> new Expr.SetOf(flattened(items));
      case Expr.Listing(var items) -> {
        var all = points(flattened(items));
        yield all.size() == 1 ? all.getFirst() : new Expr.Listing(all);
      }
      case Expr.Tuple(var open, var items, var close) when !expr.twoSigned() -> new Expr.Tuple(open, items.stream().map(Sameness::simplified).toList(), close);
      case Expr.SetOperation(var operation, var sets) -> new Expr.SetOperation(operation, sets.stream().map(Sameness::simplified).toList());
      default -> expr.twoSigned() ? new Expr.Listing(List.of(expr.signed(true), expr.signed(false))) : expr;
    };
  }

  /** {@code x = 1, y = 2, x = 3, y = 4} as the points it lists; anything else as it is. */
  private static List<Expr> points(List<Expr> items) {
    if (items.size() < 4 || items.size() > MOST_ITEMS || !items.stream().allMatch(Sameness::isNamed)) return items;
    var names = items.stream().map(item -> name(item).canonical()).toList();
    int period = names.subList(1, names.size()).indexOf(names.getFirst()) + 1;
    if (period < 2 || items.size() % period != 0 || Set.copyOf(names).size() != period) return items;
    var points = new ArrayList<Expr>();
    for (int i = 0; i < items.size(); i += period) {
      if (!names.subList(i, i + period).equals(names.subList(0, period))) return items;
      points.add(new Expr.Tuple('(', items.subList(i, i + period), ')'));
    }
    return points;
  }

  private static List<Expr> flattened(List<Expr> items) {
    var all = new ArrayList<Expr>();
    for (var item : items) {
      var simple = simplified(item);
      if (simple instanceof Expr.Listing(var inner)) all.addAll(inner);
      else all.add(simple);
    }
    return all;
  }

  /** An inequality that bounds one name by constants, as the interval it is; {@code a < x ≤ b}, {@code x > a}, {@code a ≥ x}. */
  private static Optional<Expr> interval(Expr expr) {
    if (!(expr instanceof Expr.Relation(var sides, var operators))) return Optional.empty();
    if (!operators.stream().allMatch(operator -> Set.of("<", "<=", ">", ">=").contains(operator))) return Optional.empty();
    if (sides.size() == 2 && isName(sides.get(1)) && isBound(sides.get(0))) {
      return interval(new Expr.Relation(List.of(sides.get(1), sides.get(0)), List.of(mirrored(operators.getFirst()))));
    }
    Expr infinity = new Expr.Infinity();
    if (sides.size() == 2 && isName(sides.get(0)) && isBound(sides.get(1))) {
      boolean closed = operators.getFirst().endsWith("=");
      return Optional.of(operators.getFirst().startsWith("<")
          ? new Expr.Tuple('(', List.of(Expr.negated(infinity), sides.get(1)), closed ? ']' : ')')
          : new Expr.Tuple(closed ? '[' : '(', List.of(sides.get(1), infinity), ')'));
    }
    if (sides.size() == 3 && isName(sides.get(1)) && isBound(sides.get(0)) && isBound(sides.get(2))
        && operators.get(0).charAt(0) == operators.get(1).charAt(0)) {
      boolean rising = operators.get(0).startsWith("<");
      int low = rising ? 0 : 2;
      return Optional.of(new Expr.Tuple(operators.get(low == 0 ? 0 : 1).endsWith("=") ? '[' : '(', List.of(sides.get(low), sides.get(2 - low)),
          operators.get(low == 0 ? 1 : 0).endsWith("=") ? ']' : ')'));
    }
    return Optional.empty();
  }

  private static boolean isBound(Expr expr) {
    return infinite(expr) != 0 || (expr.scalar() && Variables.none(expr));
  }

  static String mirrored(String operator) {
    if (operator.equals("!=")) return operator;
    return operator.startsWith("<") ? ">" + operator.substring(1) : "<" + operator.substring(1);
  }

  private static int infinite(Expr expr) {
    if (expr instanceof Expr.Infinity) return 1;
    return expr instanceof Expr.Mul(var factors) && factors.size() == 2 && factors.getFirst().equals(Expr.whole(-1))
        && factors.getLast() instanceof Expr.Infinity ? -1 : 0;
  }

  // ---- comparing

  private boolean sameAnswer(Expr gold, Expr given) {
    if (gold.canonical().equals(given.canonical())) return true;
    if (gold instanceof Expr.Relation || given instanceof Expr.Relation) return sameRelation(gold, given);
    if (gold instanceof Expr.Measured || given instanceof Expr.Measured) return sameMeasure(gold, given);
    if (gold instanceof Expr.Based || given instanceof Expr.Based) return sameBased(gold, given);
    if (gold.scalar() && given.scalar()) return sameScalar(gold, given);
    if (infinite(gold) != 0 || infinite(given) != 0) return infinite(gold) == infinite(given);
    if (gold instanceof Expr.Tuple point && given instanceof Expr.Listing list) return listed(point, list);
    if (gold instanceof Expr.Listing list && given instanceof Expr.Tuple point && distinctNames(list.items())) return sameInOrder(list.items(), point.items());
    var goldItems = members(gold);
    var givenItems = members(given);
    if (goldItems.isPresent() || givenItems.isPresent()) {
      return sameMembers(goldItems.orElse(List.of(gold)), givenItems.orElse(List.of(given)));
    }
    return switch (gold) {
      case Expr.Tuple a when given instanceof Expr.Tuple b -> sameTuple(a, b);
      case Expr.Tuple a when given instanceof Expr.Matrix b -> column(b).map(items -> sameInOrder(a.items(), items)).orElse(false);
      case Expr.Matrix a when given instanceof Expr.Tuple b -> column(a).map(items -> sameInOrder(items, b.items())).orElse(false);
      case Expr.Matrix a when given instanceof Expr.Matrix b -> sameMatrix(a, b);
      case Expr.SetOperation a when given instanceof Expr.SetOperation b && a.operation().equals(b.operation()) ->
          a.operation().equals("minus") ? sameInOrder(a.sets(), b.sets()) : sameMembers(a.sets(), b.sets());
      case Expr.Ratio a when given instanceof Expr.Ratio b -> sameRatio(a.parts(), b.parts());
      default -> false;
    };
  }

  private static Optional<List<Expr>> members(Expr expr) {
    return switch (expr) {
      case Expr.SetOf(var items) -> Optional.of(items);
      case Expr.Listing(var items) -> Optional.of(items);
      default -> Optional.empty();
    };
  }

  private boolean sameScalar(Expr gold, Expr given) {
    return Zero.same(gold, given) || rounds(gold, given) || rounds(given, gold);
  }

  /** Whether {@code decimal}, written with enough digits, is {@code exact} rounded or cut off after its last digit. */
  private boolean rounds(Expr written, Expr exact) {
    var decimal = shifted(written);
    if (!(decimal instanceof Expr.Num d) || d.decimals() == 0 || d.value().denominator().equals(BigInteger.ONE)) return false;
    boolean bothWritten = exact instanceof Expr.Num e && e.decimals() > 0;
    if (d.significant() < (bothWritten ? digits - 1 : digits)) return false;
    if (exact instanceof Expr.Num e && e.decimals() <= d.decimals()) return false; // both written out, and not the same
    if (d.decimals() < digits && Exact.of(exact).isEmpty()) return false;
    double value = Zero.constant(exact), shown = Sample.toDouble(d.value());
    double unit = new BigDecimal(BigInteger.ONE, d.decimals()).doubleValue();
    double slack = 1e-14 * Math.abs(shown);
    boolean cut = d.significant() >= digits && Math.abs(value) - Math.abs(shown) >= -slack && Math.abs(value) - Math.abs(shown) < unit && value * shown > 0;
    return Math.abs(value - shown) <= unit / 2 + slack || cut;
  }

  /** {@code 2.5 × 10^{-3}} as the decimal 0.0025; anything else as it is. */
  private static Expr shifted(Expr expr) {
    if (!(expr instanceof Expr.Mul(var factors)) || factors.size() != 2 || !(factors.getFirst() instanceof Expr.Num n) || n.decimals() == 0
        || !(factors.getLast() instanceof Expr.Pow(var base, var power)) || !base.equals(Expr.whole(10))) return expr;
    var exponent = Exact.of(power).flatMap(Rational::whole);
    if (exponent.isEmpty() || Math.abs(exponent.get()) > 300 || exponent.get() >= n.decimals()) return expr;
    int shift = exponent.get().intValue();
    var value = n.value().apply('*', Rational.of(BigDecimal.ONE.scaleByPowerOfTen(shift)));
    return new Expr.Num(value, n.decimals() - shift, n.significant());
  }

  private boolean sameMeasure(Expr gold, Expr given) {
    var a = gold instanceof Expr.Measured m ? m : new Expr.Measured(gold, Units.ANY);
    var b = given instanceof Expr.Measured m ? m : new Expr.Measured(given, Units.ANY);
    if (a.unit().equals("%") != b.unit().equals("%")) {
      var other = a.unit().equals("%") ? b : a;
      if (!other.unit().equals(Units.ANY)) return false;
      var percent = a.unit().equals("%") ? a : b;
      boolean leftOff = Math.abs(Zero.constant(percent.value())) >= 1;
      return (leftOff && sameAnswer(percent.value(), other.value())) || sameAnswer(Expr.quotient(percent.value(), Expr.whole(100)), other.value());
    }
    boolean conflict = !a.unit().equals(Units.ANY) && !b.unit().equals(Units.ANY) && !a.unit().equals(b.unit());
    return !conflict && sameAnswer(simplified(a.value()), simplified(b.value()));
  }

  private boolean sameBased(Expr gold, Expr given) {
    var a = inBaseTen(gold);
    var b = inBaseTen(given);
    return a.isPresent() && b.isPresent() && sameScalar(a.get(), b.get());
  }

  private static Optional<Expr> inBaseTen(Expr expr) {
    if (!(expr instanceof Expr.Based(var digits, var base))) return expr.scalar() ? Optional.of(expr) : Optional.empty();
    boolean valid = base >= 2 && base <= 36 && digits.length() <= 400
        && digits.chars().allMatch(c -> Character.digit(c, base) >= 0);
    if (!valid) return Optional.empty();
    return Optional.of(new Expr.Num(new Rational(new BigInteger(digits, base), BigInteger.ONE), 0, digits.length()));
  }

  /** A point whose brackets the answer leaves off, or whose coordinates it names; the order has to be the same. */
  private boolean listed(Expr.Tuple point, Expr.Listing list) {
    boolean named = distinctNames(list.items());
    return point.open() == '(' && point.close() == ')' && point.items().stream().allMatch(Expr::scalar)
        && (named || list.items().stream().noneMatch(Sameness::isNamed)) && sameInOrder(point.items(), list.items());
  }

  private boolean sameTuple(Expr.Tuple gold, Expr.Tuple given) {
    boolean interval = gold.items().size() == 2;
    boolean brackets = gold.open() == given.open() && gold.close() == given.close();
    return (brackets || !interval) && sameInOrder(gold.items(), given.items());
  }

  private boolean sameInOrder(List<Expr> gold, List<Expr> given) {
    if (gold.size() != given.size()) return false;
    for (int i = 0; i < gold.size(); i++) if (!sameAnswer(bare(gold.get(i)), bare(given.get(i)))) return false;
    return true;
  }

  /** Without order or repetition; where every member on both sides has a name of its own, name by name. */
  private boolean sameMembers(List<Expr> gold, List<Expr> given) {
    if (gold.size() > MOST_ITEMS || given.size() > MOST_ITEMS) return false;
    boolean goldNamed = distinctNames(gold), givenNamed = distinctNames(given);
    if (goldNamed != givenNamed && gold.size() == given.size()) return sameInOrder(gold, given);
    boolean byName = goldNamed && givenNamed;
    return covered(gold, given, byName) && covered(given, gold, byName);
  }

  private boolean covered(List<Expr> some, List<Expr> others, boolean byName) {
    return some.stream().allMatch(item -> others.stream().anyMatch(other -> byName
        ? name(item).canonical().equals(name(other).canonical()) && sameAnswer(bare(item), bare(other))
        : sameAnswer(bare(item), bare(other))));
  }

  /** Whether these are several answers with a name each, all different: {@code a = 1, b = 2}. */
  private static boolean distinctNames(List<Expr> items) {
    return items.size() > 1 && items.stream().allMatch(Sameness::isNamed)
        && items.stream().map(item -> name(item).canonical()).distinct().count() == items.size();
  }

  private static boolean isNamed(Expr expr) {
    return expr instanceof Expr.Relation(var sides, var operators) && (operators.equals(List.of("=")) || operators.equals(List.of("=="))) && isName(sides.getFirst());
  }

  private static Expr name(Expr expr) {
    return ((Expr.Relation) expr).sides().getFirst();
  }

  private static Expr bare(Expr expr) {
    return isNamed(expr) ? ((Expr.Relation) expr).sides().getLast() : expr;
  }

  private static Optional<List<Expr>> column(Expr.Matrix matrix) {
    if (matrix.rows().size() == 1) return Optional.of(matrix.rows().getFirst());
    return matrix.rows().getFirst().size() == 1 ? Optional.of(matrix.rows().stream().map(List::getFirst).toList()) : Optional.empty();
  }

  private boolean sameMatrix(Expr.Matrix gold, Expr.Matrix given) {
    if (gold.rows().size() != given.rows().size()) return false;
    for (int i = 0; i < gold.rows().size(); i++) if (!sameInOrder(gold.rows().get(i), given.rows().get(i))) return false;
    return true;
  }

  /** The same parts, or the same proportion where no part is 0 and none is the minutes of a time of day. */
  private boolean sameRatio(List<Expr> gold, List<Expr> given) {
    if (sameInOrder(gold, given) || (isTime(gold) && sameInOrder(withSeconds(gold), withSeconds(given)))) return true;
    if (gold.size() != 2 || given.size() != 2 || isTime(gold) || isTime(given)) return false;
    boolean nonzero = Stream.of(gold, given).flatMap(List::stream).allMatch(part -> part.scalar() && !Zero.same(part, Expr.whole(0)));
    return nonzero && Zero.same(Expr.quotient(gold.get(0), gold.get(1)), Expr.quotient(given.get(0), given.get(1)));
  }

  /** {@code 20:34} as {@code 20:34:00}. */
  private static List<Expr> withSeconds(List<Expr> parts) {
    return parts.size() == 2 && isTime(parts) ? List.of(parts.get(0), parts.get(1), Expr.whole(0)) : parts;
  }

  private static boolean isTime(List<Expr> parts) {
    return parts.get(1) instanceof Expr.Num n && (n.significant() == 2 || n.value().numerator().signum() == 0);
  }

  private boolean sameRelation(Expr gold, Expr given) {
    if (isNamed(gold) && isNamed(given)) {
      boolean sameName = name(gold).canonical().equals(name(given).canonical()) || sameFunction(name(gold), name(given))
          || isGraph(name(gold), name(given)) || isGraph(name(given), name(gold));
      return sameName ? sameAnswer(bare(gold), bare(given)) : sameEquation(gold, given);
    }
    if (gold instanceof Expr.Relation && given instanceof Expr.Relation) return sameEquation(gold, given) || sameChain(gold, given);
    var named = gold instanceof Expr.Relation ? gold : given;
    if (!isNamed(named)) return false;
    return sameAnswer(bare(gold), bare(given));
  }

  /** {@code y} and {@code f(x)}, two ways to name a graph. */
  private static boolean isGraph(Expr y, Expr function) {
    return y.equals(new Expr.Sym("y")) && function instanceof Expr.Call(var name, var args) && name.length() == 1 && args.equals(List.of(new Expr.Sym("x")));
  }

  /** W(n) and W(x): the same function of differently named arguments, for values that do not depend on them. */
  private static boolean sameFunction(Expr a, Expr b) {
    return a instanceof Expr.Mul(var x) && b instanceof Expr.Mul(var y) && isApplication((Expr.Mul) a) && isApplication((Expr.Mul) b)
        && x.getFirst().equals(y.getFirst());
  }

  /** One equation is the other times a constant that is not 0; for inequalities the constant's sign decides the direction. */
  private static boolean sameEquation(Expr gold, Expr given) {
    if (!(gold instanceof Expr.Relation(var a, var p)) || !(given instanceof Expr.Relation(var b, var q)) || a.size() != 2 || b.size() != 2) return false;
    if (!a.get(0).scalar() || !a.get(1).scalar() || !b.get(0).scalar() || !b.get(1).scalar()) return false;
    if (!Set.of("=", "<", "<=", ">", ">=", "!=").contains(p.getFirst()) || !Set.of("=", "<", "<=", ">", ">=", "!=").contains(q.getFirst())) return false;
    var x = Expr.difference(a.get(0), a.get(1));
    var y = Expr.difference(b.get(0), b.get(1));
    var factor = new Sample(1).value(Expr.quotient(x, y));
    if (!factor.finite() || factor.size() == 0 || Math.abs(factor.im()) > 1e-9) return false;
    boolean symmetric = p.getFirst().equals("=") || p.getFirst().equals("!=");
    var expected = symmetric || factor.re() > 0 ? p.getFirst() : mirrored(p.getFirst());
    if (!q.getFirst().equals(expected)) return false;
    if (!x.canonical().isEmpty() && Variables.none(x)) return false;
    // x is factor times y where x(s) y(t) = x(t) y(s): as an identity, x · y(s) − y · x(s) = 0 at the sampled s
    return proportional(x, y);
  }

  private static boolean proportional(Expr x, Expr y) {
    var atX = Exact.at(x, 1);
    var atY = Exact.at(y, 1);
    if (atX.isEmpty() || atY.isEmpty()) {
      var first = new Sample(1).value(Expr.quotient(x, y));
      for (int point : new int[] {0, 2, 3, 4}) {
        var other = new Sample(point).value(Expr.quotient(x, y));
        if (!other.finite() || Math.hypot(other.re() - first.re(), other.im() - first.im()) > 1e-9 * first.size()) return false;
      }
      return true;
    }
    return Zero.same(new Expr.Mul(List.of(x, new Expr.Num(atY.get(), 0, 1))), new Expr.Mul(List.of(y, new Expr.Num(atX.get(), 0, 1))));
  }

  /** The same chain of relations side by side, forwards or backwards. */
  private boolean sameChain(Expr gold, Expr given) {
    if (!(gold instanceof Expr.Relation(var a, var p)) || !(given instanceof Expr.Relation(var b, var q)) || p.size() != q.size()) return false;
    if (p.equals(q) && sameInOrder(a, b)) return true;
    boolean turnable = q.stream().allMatch(operator -> Set.of("=", "<", "<=", ">", ">=", "!=").contains(operator));
    if (!turnable) return false;
    var turned = q.reversed().stream().map(operator -> operator.equals("=") || operator.equals("!=") ? operator : mirrored(operator)).toList();
    return p.equals(turned) && sameInOrder(a, b.reversed());
  }
}
