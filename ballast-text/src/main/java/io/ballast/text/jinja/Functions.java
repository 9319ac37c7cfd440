package io.ballast.text.jinja;

import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The functions every chat template may call. */
final class Functions {
  private static final int LONGEST_RANGE = 100_000;
  private static final Map<Character, String> DATE_PARTS = Map.ofEntries(Map.entry('d', "dd"), Map.entry('m', "MM"), Map.entry('Y', "yyyy"),
      Map.entry('y', "yy"), Map.entry('b', "MMM"), Map.entry('B', "MMMM"), Map.entry('a', "EEE"), Map.entry('A', "EEEE"), Map.entry('H', "HH"),
      Map.entry('I', "hh"), Map.entry('M', "mm"), Map.entry('S', "ss"), Map.entry('p', "a"), Map.entry('j', "DDD"));

  private Functions() {}

  static void define(Scope scope, Clock clock) {
    scope.set("raise_exception", (Invocable) args -> {
      throw new JinjaException("the template refuses the conversation: %s".formatted(PythonText.str(args.bind("raise_exception", "message").get(0))));
    });
    scope.set("strftime_now", (Invocable) args -> date(args.bind("strftime_now", "format").text(0), LocalDateTime.now(clock)));
    scope.set("range", (Invocable) Functions::range);
    scope.set("dict", (Invocable) args -> mapping("dict", args));
    scope.set("namespace", (Invocable) args -> {
      var space = new Namespace();
      mapping("namespace", args).forEach((key, value) -> space.values.put(PythonText.str(key), value));
      return space;
    });
  }

  private static Map<@Nullable Object, @Nullable Object> mapping(String name, Arguments args) {
    var out = new LinkedHashMap<@Nullable Object, @Nullable Object>();
    for (Object first : args.positional()) {
      if (args.positional().size() > 1 || !(first instanceof Map<?, ?> map)) throw new JinjaException("%s takes one mapping and named values".formatted(name));
      out.putAll(map);
    }
    out.putAll(args.named());
    return out;
  }

  private static Object range(Arguments given) {
    var args = given.bind("range", "start", "stop", "step");
    long start = args.has(1) ? args.whole(0, 0) : 0, stop = args.whole(args.has(1) ? 1 : 0, 0), step = args.whole(2, 1);
    args.get(0);
    if (step == 0) throw new JinjaException("range: the step may not be 0");
    var out = new ArrayList<@Nullable Object>();
    for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
      if (out.size() >= LONGEST_RANGE) throw new JinjaException("range: more than %d numbers".formatted(LONGEST_RANGE));
      out.add(i);
    }
    return out;
  }

  private static String date(String format, LocalDateTime now) {
    var out = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        out.append(c);
        continue;
      }
      char part = format.charAt(++i);
      boolean bare = part == '-' && i + 1 < format.length();
      if (bare) part = format.charAt(++i);
      if (part == '%') {
        out.append('%');
        continue;
      }
      String pattern = DATE_PARTS.get(part);
      if (pattern == null) throw new JinjaException("strftime_now: '%%%c' is not supported".formatted(part));
      String text = DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(now);
      out.append(bare ? text.replaceFirst("^0+(?=.)", "") : text);
    }
    return out.toString();
  }
}
