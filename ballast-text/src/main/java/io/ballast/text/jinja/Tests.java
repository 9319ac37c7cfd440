package io.ballast.text.jinja;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What may follow {@code is}. */
final class Tests {
  @FunctionalInterface
  private interface Rule {
    boolean holds(@Nullable Object value, Arguments arguments);
  }

  private static final Map<String, Rule> RULES = new TreeMap<>();

  static {
    plain("defined", v -> !(v instanceof Undefined));
    plain("undefined", v -> v instanceof Undefined);
    plain("none", v -> v == null);
    plain("string", v -> v instanceof String);
    plain("mapping", v -> v instanceof Map<?, ?>);
    plain("iterable", Values::isIterable);
    plain("sequence", Values::isIterable);
    plain("number", Values::isNumber);
    plain("integer", v -> v instanceof Long || v instanceof BigInteger);
    plain("float", v -> v instanceof Double);
    plain("boolean", v -> v instanceof Boolean);
    plain("true", v -> Boolean.TRUE.equals(v));
    plain("false", v -> Boolean.FALSE.equals(v));
    plain("callable", v -> v instanceof Invocable || v instanceof Undefined);
    plain("odd", v -> Values.equal(Values.binary("%", v, 2L), 1L));
    plain("even", v -> Values.equal(Values.binary("%", v, 2L), 0L));
    plain("lower", v -> text("lower", v).equals(text("lower", v).toLowerCase(Locale.ROOT)) && text("lower", v).codePoints().anyMatch(Character::isLowerCase));
    plain("upper", v -> text("upper", v).equals(text("upper", v).toUpperCase(Locale.ROOT)) && text("upper", v).codePoints().anyMatch(Character::isUpperCase));
    against("divisibleby", (v, other) -> Values.equal(Values.binary("%", v, other), 0L));
    against("in", (v, other) -> Values.contains(other, v));
    against("sameas", (v, other) -> v == other || v instanceof Boolean && v.equals(other));
    for (String name : List.of("eq", "equalto", "==")) against(name, Values::equal);
    for (String name : List.of("ne", "!=")) against(name, (v, other) -> !Values.equal(v, other));
    for (String name : List.of("lt", "lessthan", "<")) against(name, (v, other) -> Values.order(v, other) < 0);
    for (String name : List.of("le", "<=")) against(name, (v, other) -> Values.order(v, other) <= 0);
    for (String name : List.of("gt", "greaterthan", ">")) against(name, (v, other) -> Values.order(v, other) > 0);
    for (String name : List.of("ge", ">=")) against(name, (v, other) -> Values.order(v, other) >= 0);
  }

  private Tests() {}

  private static void plain(String name, java.util.function.Predicate<@Nullable Object> rule) {
    RULES.put(name, (value, arguments) -> {
      arguments.bind("the test '%s'".formatted(name));
      return rule.test(value);
    });
  }

  private static void against(String name, java.util.function.BiPredicate<@Nullable Object, @Nullable Object> rule) {
    RULES.put(name, (value, arguments) -> rule.test(value, arguments.bind("the test '%s'".formatted(name), "other").get(0)));
  }

  private static String text(String name, @Nullable Object value) {
    return PythonText.str(value);
  }

  static boolean known(String name) {
    return RULES.containsKey(name);
  }

  static String names() {
    return String.join(", ", RULES.keySet());
  }

  static boolean holds(String name, @Nullable Object value, Arguments arguments) {
    Rule rule = RULES.get(name);
    if (rule == null) throw new JinjaException("the test '%s' is not supported; known: %s".formatted(name, names()));
    return rule.holds(value, arguments);
  }
}
