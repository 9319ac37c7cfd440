package io.ballast.checkers.math;

import java.util.Set;
import java.util.TreeSet;

/** The names in an expression that are neither constants nor functions we can evaluate. */
final class Variables {
  private static final Set<String> CONSTANTS = Set.of("pi", "e", "i");

  private Variables() {}

  static boolean none(Expr expr) {
    return of(expr).isEmpty();
  }

  /** Whether the imaginary unit occurs. */
  static boolean imaginary(Expr expr) {
    return switch (expr) {
      case Expr.Sym s -> s.name().equals("i");
      case Expr.Add a -> a.terms().stream().anyMatch(Variables::imaginary);
      case Expr.Mul m -> m.factors().stream().anyMatch(Variables::imaginary);
      case Expr.Pow p -> imaginary(p.base()) || imaginary(p.exponent());
      case Expr.Call c -> c.args().stream().anyMatch(Variables::imaginary);
      default -> false;
    };
  }

  static Set<String> of(Expr expr) {
    var names = new TreeSet<String>();
    collect(expr, names);
    return names;
  }

  private static void collect(Expr expr, Set<String> names) {
    switch (expr) {
      case Expr.Sym s -> {
        if (!CONSTANTS.contains(s.name())) names.add(s.name());
      }
      case Expr.Add a -> a.terms().forEach(term -> collect(term, names));
      case Expr.Mul m -> m.factors().forEach(factor -> collect(factor, names));
      case Expr.Pow p -> {
        collect(p.base(), names);
        collect(p.exponent(), names);
      }
      case Expr.Call c -> {
        if (Symbolic.FUNCTIONS.containsKey(c.name())) c.args().forEach(arg -> collect(arg, names));
        else names.add(c.canonical());
      }
      case Expr.Measured m -> collect(m.value(), names);
      case Expr.PlusMinus p -> collect(p.value(), names);
      default -> { }
    }
  }
}
