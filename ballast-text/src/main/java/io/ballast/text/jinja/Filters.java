package io.ballast.text.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What may follow {@code |}, with Jinja's own arguments. */
final class Filters {
  @FunctionalInterface
  private interface Rule {
    @Nullable Object apply(@Nullable Object value, Arguments arguments);
  }

  private static final Map<String, Rule> RULES = new TreeMap<>();
  private static final Pattern WORDS = Pattern.compile("([-\\s({\\[<]+)");

  static {
    texts();
    lists();
    selections();
    numbers();
    RULES.put("tojson", PythonJson::filter);
    for (String name : List.of("default", "d")) {
      RULES.put(name, (value, given) -> {
        var args = given.bind(name, "default_value", "boolean");
        boolean absent = value instanceof Undefined || (Values.truth(args.or(1, false)) && !Values.truth(value));
        return absent ? args.or(0, "") : value;
      });
    }
    RULES.put("string", (value, given) -> text("string", value, given));
    RULES.put("safe", (value, given) -> text("safe", value, given));
    RULES.put("items", (value, given) -> {
      given.bind("items");
      if (value instanceof Undefined) return new ArrayList<@Nullable Object>();
      return Methods.items(mapping("items", value));
    });
    RULES.put("dictsort", (value, given) -> {
      var args = given.bind("dictsort", "case_sensitive", "by", "reverse");
      boolean byValue = "value".equals(args.or(1, "key"));
      var items = Methods.items(mapping("dictsort", value));
      Comparator<@Nullable Object> order = Comparator.comparing(item -> folded(((List<?>) java.util.Objects.requireNonNull(item)).get(byValue ? 1 : 0),
          Values.truth(args.or(0, false))), Values::order);
      items.sort(Values.truth(args.or(2, false)) ? order.reversed() : order);
      return items;
    });
  }

  private Filters() {}

  static boolean known(String name) {
    return RULES.containsKey(name);
  }

  static String names() {
    return String.join(", ", RULES.keySet());
  }

  static @Nullable Object apply(String name, @Nullable Object value, Arguments arguments) {
    Rule rule = RULES.get(name);
    if (rule == null) throw new JinjaException("the filter '%s' is not supported; known: %s".formatted(name, names()));
    return rule.apply(value, arguments);
  }

  private static String text(String name, @Nullable Object value, Arguments given) {
    given.bind(name);
    return PythonText.str(value);
  }

  private static Map<?, ?> mapping(String name, @Nullable Object value) {
    if (value instanceof Map<?, ?> map) return map;
    throw new JinjaException("%s needs a mapping, got %s".formatted(name, Values.kind(value)));
  }

  private static @Nullable Object folded(@Nullable Object value, boolean caseSensitive) {
    return !caseSensitive && value instanceof String text ? text.toLowerCase(Locale.ROOT) : value;
  }

  private static void texts() {
    RULES.put("trim", (value, given) -> PythonText.strip(PythonText.str(value), given.bind("trim", "chars").textOrNull(0), true, true));
    RULES.put("upper", (value, given) -> text("upper", value, given).toUpperCase(Locale.ROOT));
    RULES.put("lower", (value, given) -> text("lower", value, given).toLowerCase(Locale.ROOT));
    RULES.put("capitalize", (value, given) -> Methods.capitalised(text("capitalize", value, given)));
    RULES.put("title", (value, given) -> {
      String all = text("title", value, given);
      var out = new StringBuilder(all.length());
      int from = 0;
      for (var gap = WORDS.matcher(all); gap.find(); from = gap.end()) out.append(Methods.capitalised(all.substring(from, gap.start()))).append(gap.group());
      return out.append(Methods.capitalised(all.substring(from))).toString();
    });
    RULES.put("replace", (value, given) -> {
      var args = given.bind("replace", "old", "new", "count");
      return Methods.replace(PythonText.str(value), PythonText.str(args.get(0)), PythonText.str(args.get(1)), args.or(2, null) == null ? -1 : args.whole(2, -1));
    });
    RULES.put("indent", (value, given) -> {
      var args = given.bind("indent", "width", "first", "blank");
      String step = args.or(0, 4L) instanceof String own ? own : " ".repeat(Math.clamp(args.whole(0, 4), 0, 1_000));
      boolean blank = Values.truth(args.or(2, false));
      String[] lines = (PythonText.str(value) + "\n").split("\n", -1);
      var out = new StringBuilder(Values.truth(args.or(1, false)) ? step : "");
      for (int i = 0; i < lines.length - 1; i++) {
        if (i > 0) out.append('\n').append(blank || !lines[i].isEmpty() ? step : "");
        out.append(lines[i]);
      }
      return out.toString();
    });
  }

  private static void lists() {
    for (String name : List.of("length", "count")) {
      RULES.put(name, (value, given) -> {
        given.bind(name);
        return Values.length(value);
      });
    }
    RULES.put("join", (value, given) -> {
      var args = given.bind("join", "d", "attribute");
      Object attribute = args.or(1, null);
      var parts = Values.items(value).stream().map(item -> PythonText.str(attribute == null ? item : path(item, attribute))).toList();
      return String.join(PythonText.str(args.or(0, "")), parts);
    });
    RULES.put("first", (value, given) -> end("first", value, given, true));
    RULES.put("last", (value, given) -> end("last", value, given, false));
    RULES.put("list", (value, given) -> {
      given.bind("list");
      return Values.items(value);
    });
    RULES.put("reverse", (value, given) -> {
      given.bind("reverse");
      var items = Values.items(value);
      java.util.Collections.reverse(items);
      return value instanceof String ? Methods.joined(items, "") : items;
    });
    RULES.put("unique", (value, given) -> {
      var args = given.bind("unique", "case_sensitive", "attribute");
      var seen = new ArrayList<@Nullable Object>();
      var out = new ArrayList<@Nullable Object>();
      for (Object item : Values.items(value)) {
        Object key = folded(args.or(1, null) == null ? item : path(item, args.get(1)), Values.truth(args.or(0, false)));
        if (Values.contains(seen, key)) continue;
        seen.add(key);
        out.add(item);
      }
      return out;
    });
    RULES.put("sort", (value, given) -> {
      var args = given.bind("sort", "reverse", "case_sensitive", "attribute");
      var items = Values.items(value);
      Comparator<@Nullable Object> order = Comparator.comparing(
          item -> folded(args.or(2, null) == null ? item : path(item, args.get(2)), Values.truth(args.or(1, false))), Values::order);
      items.sort(Values.truth(args.or(0, false)) ? order.reversed() : order);
      return items;
    });
    RULES.put("sum", (value, given) -> {
      var args = given.bind("sum", "attribute", "start");
      Object total = args.or(1, 0L);
      for (Object item : Values.items(value)) total = Values.binary("+", total, args.or(0, null) == null ? item : path(item, args.get(0)));
      return total;
    });
    RULES.put("min", (value, given) -> extreme("min", value, given, -1));
    RULES.put("max", (value, given) -> extreme("max", value, given, 1));
    RULES.put("groupby", (value, given) -> {
      Object attribute = given.bind("groupby", "attribute").get(0);
      var sorted = Values.items(value);
      sorted.sort(Comparator.comparing(item -> path(item, attribute), Values::order));
      var groups = new LinkedHashMap<@Nullable Object, List<@Nullable Object>>();
      for (Object item : sorted) groups.computeIfAbsent(path(item, attribute), _ -> new ArrayList<>()).add(item);
      return Methods.items(groups);
    });
  }

  private static @Nullable Object end(String name, @Nullable Object value, Arguments given, boolean first) {
    given.bind(name);
    var items = Values.items(value);
    if (items.isEmpty()) return new Undefined("no %s item".formatted(name));
    return first ? items.getFirst() : items.getLast();
  }

  private static @Nullable Object extreme(String name, @Nullable Object value, Arguments given, int sign) {
    var args = given.bind(name, "case_sensitive", "attribute");
    var items = Values.items(value);
    if (items.isEmpty()) return new Undefined("no %s of no items".formatted(name));
    Object best = items.getFirst();
    for (Object item : items) if (sign * Values.order(rank(item, args), rank(best, args)) > 0) best = item;
    return best;
  }

  private static @Nullable Object rank(@Nullable Object item, Arguments.Bound args) {
    return folded(args.or(1, null) == null ? item : path(item, args.get(1)), Values.truth(args.or(0, false)));
  }

  private static void selections() {
    RULES.put("map", (value, given) -> {
      var out = new ArrayList<@Nullable Object>();
      if (given.positional().isEmpty()) {
        var args = given.bind("map", "filter", "attribute", "default");
        for (Object item : Values.items(value)) {
          Object found = path(item, args.get(1));
          out.add(found instanceof Undefined && args.has(2) ? args.get(2) : found);
        }
        return out;
      }
      String filter = PythonText.str(given.positional().getFirst());
      var rest = new Arguments(given.positional().subList(1, given.positional().size()), given.named());
      for (Object item : Values.items(value)) out.add(apply(filter, item, rest));
      return out;
    });
    for (String name : List.of("select", "reject", "selectattr", "rejectattr")) {
      boolean byAttribute = name.endsWith("attr"), keep = name.startsWith("select");
      RULES.put(name, (value, given) -> {
        var positional = given.positional();
        if (byAttribute && positional.isEmpty()) throw new JinjaException("%s needs the name of an attribute".formatted(name));
        int skip = byAttribute ? 1 : 0;
        String test = positional.size() > skip ? PythonText.str(positional.get(skip)) : null;
        var rest = test == null ? Arguments.NONE : new Arguments(positional.subList(skip + 1, positional.size()), given.named());
        var out = new ArrayList<@Nullable Object>();
        for (Object item : Values.items(value)) {
          Object subject = byAttribute ? path(item, positional.getFirst()) : item;
          if ((test == null ? Values.truth(subject) : Tests.holds(test, subject, rest)) == keep) out.add(item);
        }
        return out;
      });
    }
  }

  /** {@code a.b.0}: items of items; whole numbers are places in a list. */
  private static @Nullable Object path(@Nullable Object item, @Nullable Object attribute) {
    if (attribute instanceof Long) return Values.item(item, attribute);
    Object value = item;
    for (String part : PythonText.str(attribute).split("\\.")) {
      value = Values.item(value, !part.isEmpty() && part.chars().allMatch(Character::isDigit) ? (Object) Long.valueOf(part) : part);
    }
    return value;
  }

  private static void numbers() {
    RULES.put("int", (value, given) -> {
      var args = given.bind("int", "default", "base");
      if (args.has(1)) throw new JinjaException("int: the argument 'base' is not supported");
      if (Values.isNumber(value)) return value instanceof Double d ? finite(d, args.or(0, 0L)) : value instanceof Boolean b ? (b ? 1L : 0L) : value;
      try {
        String text = PythonText.strip(PythonText.str(value), null, true, true);
        return text.matches("[+-]?\\d+") ? Values.of(new BigInteger(text)) : finite(Double.parseDouble(text), args.or(0, 0L));
      } catch (NumberFormatException e) {
        return args.or(0, 0L);
      }
    });
    RULES.put("float", (value, given) -> {
      var args = given.bind("float", "default");
      if (Values.isNumber(value)) return Values.real(value);
      try {
        return Double.valueOf(PythonText.strip(PythonText.str(value), null, true, true));
      } catch (NumberFormatException e) {
        return args.or(0, 0.0);
      }
    });
    RULES.put("abs", (value, given) -> {
      given.bind("abs");
      return Values.isNumber(value) && Values.real(value) < 0 ? Values.negated(value, true) : Values.negated(value, false);
    });
    RULES.put("round", (value, given) -> {
      var args = given.bind("round", "precision", "method");
      if (!Values.isNumber(value)) throw new JinjaException("round needs a number, got %s".formatted(Values.kind(value)));
      double d = Values.real(value);
      if (Double.isNaN(d) || Double.isInfinite(d)) return d;
      var mode = switch (PythonText.str(args.or(1, "common"))) {
        case "common" -> RoundingMode.HALF_EVEN;
        case "ceil" -> RoundingMode.CEILING;
        case "floor" -> RoundingMode.FLOOR;
        default -> throw new JinjaException("round: the argument 'method' must be common, ceil or floor");
      };
      return new BigDecimal(d).setScale(Math.clamp(args.whole(0, 0), -300, 300), mode).doubleValue();
    });
  }

  private static @Nullable Object finite(double d, @Nullable Object fallback) {
    if (Double.isNaN(d) || Double.isInfinite(d)) return fallback;
    return Values.of(new BigDecimal(d).toBigInteger());
  }
}
