package io.ballast.text.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values given to a call, in order and by name. */
record Arguments(List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
  static final Arguments NONE = new Arguments(List.of(), Map.of());
  private static final Object ABSENT = new Object();

  /** What was given for each parameter, in their order; refuses a name that is no parameter and more values than parameters. */
  Bound bind(String what, String... parameters) {
    if (positional.size() > parameters.length) {
      throw new JinjaException("%s takes %d argument(s), got %d".formatted(what, parameters.length, positional.size()));
    }
    var values = new @Nullable Object[parameters.length];
    java.util.Arrays.fill(values, ABSENT);
    for (int i = 0; i < positional.size(); i++) values[i] = positional.get(i);
    named.forEach((name, value) -> {
      int i = List.of(parameters).indexOf(name);
      if (i < 0) throw new JinjaException("%s takes no argument '%s'".formatted(what, name));
      if (values[i] != ABSENT) throw new JinjaException("%s got the argument '%s' twice".formatted(what, name));
      values[i] = value;
    });
    return new Bound(what, parameters, values);
  }

  record Bound(String what, String[] parameters, @Nullable Object[] values) {
    boolean has(int i) {
      return values[i] != ABSENT;
    }

    @Nullable Object get(int i) {
      if (!has(i)) throw new JinjaException("%s needs the argument '%s'".formatted(what, parameters[i]));
      return values[i];
    }

    @Nullable Object or(int i, @Nullable Object fallback) {
      return has(i) ? values[i] : fallback;
    }

    String text(int i) {
      if (get(i) instanceof String text) return text;
      throw new JinjaException("%s: the argument '%s' must be a text, got %s".formatted(what, parameters[i], Values.kind(get(i))));
    }

    /** Null where absent or none. */
    @Nullable String textOrNull(int i) {
      return !has(i) || values[i] == null ? null : text(i);
    }

    int whole(int i, int fallback) {
      Object value = or(i, (long) fallback);
      if (value instanceof Boolean b) return b ? 1 : 0;
      if (value instanceof Long n && n == n.intValue()) return n.intValue();
      throw new JinjaException("%s: the argument '%s' must be a whole number, got %s".formatted(what, parameters[i], Values.kind(value)));
    }
  }
}
