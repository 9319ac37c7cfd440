package io.ballast.text.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Python's meaning of values and operators. A value is null (none), a Boolean, a Long (a BigInteger beyond it), a Double, a String, a List
 * (perhaps a {@link Tuple}), a Map, a {@link Namespace}, an {@link Invocable}, a {@link Loop} or {@link Undefined}.
 */
final class Values {
  private static final int DEEPEST = 200;
  private static final BigInteger LOWEST = BigInteger.valueOf(Long.MIN_VALUE), HIGHEST = BigInteger.valueOf(Long.MAX_VALUE);

  private Values() {}

  /** A value of Java's as one of the interpreter's, all the way down. */
  static @Nullable Object of(@Nullable Object value) {
    return of(value, 0);
  }

  private static @Nullable Object of(@Nullable Object value, int depth) {
    if (depth > DEEPEST) throw new JinjaException("values given to the template are nested more than %d deep".formatted(DEEPEST));
    return switch (value) {
      case null -> null;
      case String _, Boolean _, Long _, Double _, Undefined _, Namespace _, Invocable _ -> value;
      case Integer _, Short _, Byte _ -> ((Number) value).longValue();
      case BigInteger n -> n.compareTo(LOWEST) >= 0 && n.compareTo(HIGHEST) <= 0 ? (Object) n.longValue() : n;
      case Float _, BigDecimal _ -> Double.valueOf(value.toString());
      case CharSequence text -> text.toString();
      case Map<?, ?> map -> {
        var out = new LinkedHashMap<@Nullable Object, @Nullable Object>();
        map.forEach((key, item) -> out.put(of(key, depth + 1), of(item, depth + 1)));
        yield out;
      }
      case Collection<?> items -> {
        var out = new ArrayList<@Nullable Object>(items.size());
        for (Object item : items) out.add(of(item, depth + 1));
        yield out;
      }
      default -> throw new JinjaException("a template cannot read a %s; give texts, numbers, flags, lists and maps".formatted(value.getClass().getName()));
    };
  }

  /** What a value is, for messages. */
  static String kind(@Nullable Object value) {
    return switch (value) {
      case null -> "none";
      case Undefined u -> "the undefined '%s'".formatted(u.name());
      case Boolean _ -> "a flag";
      case Long _, BigInteger _ -> "a whole number";
      case Double _ -> "a number";
      case String _ -> "a text";
      case List<?> _ -> "a list";
      case Map<?, ?> _ -> "a mapping";
      case Namespace _ -> "a namespace";
      case Loop _ -> "the loop";
      default -> "a function";
    };
  }

  static boolean truth(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case Undefined _ -> false;
      case Boolean b -> b;
      case Long n -> n != 0;
      case Double d -> d != 0;
      case String text -> !text.isEmpty();
      case List<?> list -> !list.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      default -> true;
    };
  }

  static boolean isNumber(@Nullable Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean || value instanceof BigInteger;
  }

  /** Numbers compare by value, flags being 0 and 1. */
  static boolean equal(@Nullable Object a, @Nullable Object b) {
    if (isNumber(a) && isNumber(b)) {
      return a instanceof Double || b instanceof Double ? real(a) == real(b) : Objects.equals(of(wholeOf(a)), of(wholeOf(b)));
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      if (x.size() != y.size() || x instanceof Tuple != y instanceof Tuple) return false;
      for (int i = 0; i < x.size(); i++) if (!equal(x.get(i), y.get(i))) return false;
      return true;
    }
    if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
      if (x.size() != y.size()) return false;
      for (var entry : x.entrySet()) if (!y.containsKey(entry.getKey()) || !equal(entry.getValue(), y.get(entry.getKey()))) return false;
      return true;
    }
    return Objects.equals(a, b);
  }

  /** Below 0, 0 or above 0; numbers, texts (by code point) and lists have an order, nothing else has. */
  static int order(@Nullable Object a, @Nullable Object b) {
    if (isNumber(a) && isNumber(b)) {
      return a instanceof Double || b instanceof Double ? Double.compare(real(a), real(b)) : wholeOf(a).compareTo(wholeOf(b));
    }
    if (a instanceof String x && b instanceof String y) return java.util.Arrays.compare(x.codePoints().toArray(), y.codePoints().toArray());
    if (a instanceof List<?> x && b instanceof List<?> y) {
      for (int i = 0; i < Math.min(x.size(), y.size()); i++) if (!equal(x.get(i), y.get(i))) return order(x.get(i), y.get(i));
      return Integer.compare(x.size(), y.size());
    }
    if (a instanceof Undefined u) throw u.used();
    if (b instanceof Undefined u) throw u.used();
    throw new JinjaException("%s and %s have no order".formatted(kind(a), kind(b)));
  }

  static boolean contains(@Nullable Object container, @Nullable Object item) {
    return switch (container) {
      case String text -> {
        if (item instanceof String part) yield text.contains(part);
        throw new JinjaException("'in' a text needs a text, got %s".formatted(kind(item)));
      }
      case List<?> list -> list.stream().anyMatch(other -> equal(other, item));
      case Map<?, ?> map -> map.containsKey(item);
      case Undefined _ -> false;
      case null, default -> throw new JinjaException("'in' needs a text, a list or a mapping, got %s".formatted(kind(container)));
    };
  }

  static boolean isIterable(@Nullable Object value) {
    return value instanceof String || value instanceof List<?> || value instanceof Map<?, ?> || value instanceof Undefined;
  }

  /** The values a loop goes through: letters of a text, items of a list, keys of a mapping. */
  static List<@Nullable Object> items(@Nullable Object value) {
    return switch (value) {
      case List<?> list -> new ArrayList<@Nullable Object>(list);
      case Map<?, ?> map -> new ArrayList<@Nullable Object>(map.keySet());
      case String text -> new ArrayList<@Nullable Object>(text.codePoints().mapToObj(Character::toString).toList());
      case Undefined _ -> new ArrayList<>();
      case null, default -> throw new JinjaException("%s cannot be gone through; a list, a mapping or a text can".formatted(kind(value)));
    };
  }

  static long length(@Nullable Object value) {
    return switch (value) {
      case String text -> text.codePointCount(0, text.length());
      case List<?> list -> list.size();
      case Map<?, ?> map -> map.size();
      case Undefined _ -> 0;
      case null, default -> throw new JinjaException("%s has no length".formatted(kind(value)));
    };
  }

  static @Nullable Object binary(String operator, @Nullable Object a, @Nullable Object b) {
    if (a instanceof Undefined u) throw u.used();
    if (b instanceof Undefined u) throw u.used();
    if (operator.equals("+")) {
      if (a instanceof String x && b instanceof String y) return x + y;
      if (a instanceof List<?> x && b instanceof List<?> y && x instanceof Tuple == y instanceof Tuple) {
        var both = new ArrayList<@Nullable Object>(x);
        both.addAll(y);
        return x instanceof Tuple ? new Tuple(both) : both;
      }
    }
    if (operator.equals("*")) {
      if (b instanceof Long n && (a instanceof String || a instanceof List<?>)) return repeated(a, n);
      if (a instanceof Long n && (b instanceof String || b instanceof List<?>)) return repeated(b, n);
    }
    if (isNumber(a) && isNumber(b)) {
      try {
        return a instanceof Double || b instanceof Double || operator.equals("/") ? reals(operator, real(a), real(b)) : wholes(operator, whole(a), whole(b));
      } catch (ArithmeticException e) {
        throw new JinjaException("'%s' of %s and %s: %s".formatted(operator, PythonText.repr(a), PythonText.repr(b), e.getMessage()));
      }
    }
    throw new JinjaException("'%s' does not go with %s and %s".formatted(operator, kind(a), kind(b)));
  }

  private static Object repeated(Object value, long times) {
    long size = Math.max(0, times) * Math.max(1, length(value));
    if (times > Renderer.LONGEST || size > Renderer.LONGEST) throw new JinjaException("'*' would make more than %d characters".formatted(Renderer.LONGEST));
    int n = (int) Math.max(0, times);
    if (value instanceof String text) return text.repeat(n);
    var out = new ArrayList<@Nullable Object>();
    for (int i = 0; i < n; i++) out.addAll((List<?>) value);
    return out;
  }

  private static Object reals(String operator, double a, double b) {
    if (b == 0 && "/%//".contains(operator)) throw new ArithmeticException("division by zero");
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / b;
      case "//" -> Math.floor(a / b);
      case "%" -> a - b * Math.floor(a / b);
      default -> Math.pow(a, b);
    };
  }

  private static Object wholes(String operator, long a, long b) {
    return switch (operator) {
      case "+" -> Math.addExact(a, b);
      case "-" -> Math.subtractExact(a, b);
      case "*" -> Math.multiplyExact(a, b);
      case "//" -> Math.floorDiv(a, b);
      case "%" -> Math.floorMod(a, b);
      default -> {
        if (b < 0) yield Math.pow(a, b);
        if (b > 10_000) throw new ArithmeticException("the exponent is above 10000");
        yield BigInteger.valueOf(a).pow((int) b).longValueExact();
      }
    };
  }

  static double real(@Nullable Object value) {
    return value instanceof Boolean b ? (b ? 1 : 0) : ((Number) Objects.requireNonNull(value)).doubleValue();
  }

  private static BigInteger wholeOf(@Nullable Object value) {
    return value instanceof BigInteger n ? n : BigInteger.valueOf(whole(value));
  }

  private static long whole(@Nullable Object value) {
    return switch (value) {
      case Boolean b -> b ? 1 : 0;
      case Long n -> n;
      case null, default -> throw new ArithmeticException("a whole number of more than 64 bits");
    };
  }

  static @Nullable Object negated(@Nullable Object value, boolean negative) {
    if (value instanceof Undefined u) throw u.used();
    if (!isNumber(value)) throw new JinjaException("a sign does not go with %s".formatted(kind(value)));
    if (value instanceof Double d) return negative ? -d : d;
    return binary(negative ? "-" : "+", 0L, value);
  }

  /** {@code value[key]}: an item, or what is undefined. */
  static @Nullable Object item(@Nullable Object value, @Nullable Object key) {
    if (value instanceof Undefined u) throw u.used();
    if (value instanceof Map<?, ?> map) {
      if (map.containsKey(key)) return map.get(key);
    } else if (key instanceof Long i && (value instanceof List<?> || value instanceof String)) {
      long size = length(value);
      long place = i < 0 ? i + size : i;
      if (place >= 0 && place < size) return value instanceof List<?> list ? list.get((int) place) : items(value).get((int) place);
    }
    return key instanceof String name ? attributeOnly(value, name) : new Undefined(PythonText.str(key));
  }

  /** {@code value.name}: a method goes before a key of that name. */
  static @Nullable Object attribute(@Nullable Object value, String name) {
    if (value instanceof Undefined u) throw u.used();
    Object own = attributeOnly(value, name);
    return own instanceof Undefined && value instanceof Map<?, ?> map && map.containsKey(name) ? map.get(name) : own;
  }

  private static @Nullable Object attributeOnly(@Nullable Object value, String name) {
    return switch (value) {
      case Namespace space -> space.values.containsKey(name) ? space.values.get(name) : new Undefined(name);
      case Loop loop -> loop.attribute(name);
      case null -> new Undefined(name);
      default -> {
        Invocable method = Methods.of(value, name);
        yield method != null ? method : new Undefined(name);
      }
    };
  }

  static Object slice(@Nullable Object value, @Nullable Object from, @Nullable Object to, @Nullable Object by) {
    if (value instanceof Undefined u) throw u.used();
    if (!(value instanceof String || value instanceof List<?>)) throw new JinjaException("[:] needs a text or a list, got %s".formatted(kind(value)));
    var items = items(value);
    int size = items.size();
    long step = by == null ? 1 : place(by);
    if (step == 0) throw new JinjaException("the step of [::] may not be 0");
    long low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
    long start = from == null ? (step > 0 ? low : high) : Math.clamp(place(from) < 0 ? place(from) + size : place(from), low, high);
    long end = to == null ? (step > 0 ? high : low) : Math.clamp(place(to) < 0 ? place(to) + size : place(to), low, high);
    var out = new ArrayList<@Nullable Object>();
    for (long i = start; step > 0 ? i < end : i > end; i += step) out.add(items.get((int) i));
    if (value instanceof Tuple) return new Tuple(out);
    return value instanceof String ? String.join("", out.stream().map(PythonText::str).toList()) : out;
  }

  private static long place(@Nullable Object value) {
    if (value instanceof Long n && Math.abs(n) < Integer.MAX_VALUE) return n;
    if (value instanceof Boolean b) return b ? 1 : 0;
    throw new JinjaException("a bound of [:] must be a whole number, got %s".formatted(kind(value)));
  }
}
