package io.ballast.checkers.math;

import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.matheclipse.core.eval.EvalEngine;
import org.matheclipse.core.expression.F;
import org.matheclipse.core.interfaces.IExpr;

/**
 * Symja behind a narrow door: it gets an expression that we read ourselves and says whether it is zero. One evaluator a
 * thread, because an evaluator is not shared.
 *
 * <p>Its time limits are cooperative, so callers bound the size of what they hand over and watch the clock from outside.
 */
final class Symbolic {
  /** Functions both sides know, with Symja's name. */
  static final Map<String, String> FUNCTIONS = Map.ofEntries(Map.entry("sin", "Sin"), Map.entry("cos", "Cos"), Map.entry("tan", "Tan"),
      Map.entry("cot", "Cot"), Map.entry("sec", "Sec"), Map.entry("csc", "Csc"), Map.entry("arcsin", "ArcSin"), Map.entry("arccos", "ArcCos"),
      Map.entry("arctan", "ArcTan"), Map.entry("arccot", "ArcCot"), Map.entry("sinh", "Sinh"), Map.entry("cosh", "Cosh"), Map.entry("tanh", "Tanh"),
      Map.entry("ln", "Log"), Map.entry("abs", "Abs"), Map.entry("floor", "Floor"), Map.entry("ceil", "Ceiling"), Map.entry("factorial", "Factorial"),
      Map.entry("binomial", "Binomial"), Map.entry("max", "Max"), Map.entry("min", "Min"), Map.entry("degree", "degree"));

  private static final int DIGITS = 40;
  private static final int POINTS = 3;

  private static final PrintStream SILENT = new PrintStream(OutputStream.nullOutputStream());

  private static final class Ready {
    static final boolean DONE = start();

    private static boolean start() {
      // its logging interface would complain on stderr that there is nothing to log to
      for (var name : List.of("log4j2.StatusLogger.level", "log4j2.statusLoggerLevel", "org.apache.logging.log4j.simplelog.StatusLogger.level")) {
        if (System.getProperty(name) == null) System.setProperty(name, "OFF");
      }
      F.initSymbols();
      return true;
    }
  }

  private static final ThreadLocal<EvalEngine> ENGINE = ThreadLocal.withInitial(() -> {
    if (!Ready.DONE) throw new IllegalStateException("Symja did not start");
    var engine = new EvalEngine(true);
    engine.setQuietMode(true);
    engine.setOutPrintStream(SILENT);
    engine.setErrorPrintStream(SILENT);
    engine.setRecursionLimit(512);
    engine.setIterationLimit(2_000);
    return engine;
  });

  private Symbolic() {}

  /** Loads Symja, about a second, so that the first answer that needs it does not pay for it. */
  static void warmUp() {
    zero(new Expr.Add(List.of(new Expr.Pow(Expr.whole(2), Expr.quotient(Expr.whole(1), Expr.whole(2))), Expr.whole(-1))), true);
  }

  /**
   * @param sampled whether the expression was near zero wherever it was sampled; where it could not be sampled only
   *     simplification counts
   */
  static boolean zero(Expr expr, boolean sampled) {
    var engine = ENGINE.get();
    EvalEngine.set(engine);
    try {
      var text = text(expr);
      if (Variables.none(expr)) return sampled && tiny(engine, text);
      if (engine.evaluate("PossibleZeroQ[" + text + "]").isTrue()) return true;
      if (!sampled) return false;
      for (int point = 0; point < POINTS; point++) {
        var value = new StringBuilder(text).append(" /. {");
        for (var name : Variables.of(expr)) {
          value.append(symbol(name)).append("->").append(Sample.numerator(name, point)).append('/').append(Sample.PARTS).append(',');
        }
        value.setCharAt(value.length() - 1, '}');
        if (!tiny(engine, value.toString())) return false;
      }
      return true;
    } catch (RuntimeException e) {
      return false; // Symja could not work it out, so nothing is proved
    }
  }

  private static boolean tiny(EvalEngine engine, String text) {
    IExpr value = engine.evaluate("Abs[N[" + text + "," + DIGITS + "]]");
    return value.isReal() && Math.abs(value.evalf()) < 1e-25;
  }

  /** A name that Symja takes for a variable, one to one: its code points in hexadecimal. */
  private static String symbol(String name) {
    return name.chars().mapToObj(Integer::toHexString).collect(Collectors.joining("z", "v", ""));
  }

  private static String text(Expr expr) {
    return switch (expr) {
      case Expr.Num n -> "(" + n.value() + ")";
      case Expr.Sym s -> switch (s.name()) {
        case "pi" -> "Pi";
        case "e" -> "E";
        case "i" -> "I";
        default -> symbol(s.name());
      };
      case Expr.Add a -> joined(a.terms(), "+");
      case Expr.Mul m -> joined(m.factors(), "*");
      case Expr.Pow p -> power(p);
      case Expr.Call c -> call(c);
      default -> throw new IllegalArgumentException("not a scalar: " + expr.canonical());
    };
  }

  private static String joined(List<Expr> items, String operator) {
    return items.stream().map(Symbolic::text).collect(Collectors.joining(operator, "(", ")"));
  }

  /** The real root of a negative constant, as {@link Sample} has it, is minus the root of its size. */
  private static String power(Expr.Pow power) {
    var exponent = Exact.of(power.exponent());
    boolean oddRoot = exponent.isPresent() && exponent.get().denominator().testBit(0) && !exponent.get().denominator().equals(BigInteger.ONE);
    if (oddRoot && Zero.constant(power.base()) < 0) {
      var sign = exponent.get().numerator().testBit(0) ? "-" : "";
      return "(" + sign + "(-" + text(power.base()) + ")^(" + exponent.get() + "))";
    }
    return "(" + text(power.base()) + "^" + text(power.exponent()) + ")";
  }

  private static String call(Expr.Call call) {
    var name = FUNCTIONS.get(call.name());
    if (name == null) return symbol(call.canonical());
    var args = call.args().stream().map(Symbolic::text).collect(Collectors.joining(",", "[", "]"));
    return name.equals("degree") ? "(Pi/180*" + text(call.args().getFirst()) + ")" : name + args;
  }
}
