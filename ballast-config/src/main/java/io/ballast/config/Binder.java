package io.ballast.config;

import io.ballast.method.Nearest;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Flat values into records; every refusal names the key, what was given, the rule and where it stands. */
final class Binder {
  private final Map<String, Value> values;

  Binder(Map<String, Value> values) {
    this.values = values;
  }

  <R extends Record> R bind(String prefix, Class<R> type) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] arguments = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      String path = prefix + Keys.kebab(components[i].getName());
      arguments[i] = types[i] == Choice.class ? choice(path)
          : types[i].isRecord() ? bind(path + ".", types[i].asSubclass(Record.class))
          : leaf(path, new Keys.Leaf(components[i]));
    }
    try {
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) throw located(refused);
      throw new IllegalStateException("cannot build " + type, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot build " + type, e);
    }
  }

  /** The section of a free-form choice, without its id. */
  Choice choice(String path) {
    Map<String, Object> settings = new LinkedHashMap<>();
    String id = value(path + ".id").text();
    values.forEach((key, value) -> {
      if (key.startsWith(path + ".") && !key.equals(path + ".id")) settings.put(key.substring(path.length() + 1), value.content());
    });
    return new Choice(id, settings);
  }

  /** A refusal by a record starts with the key at fault: say where that key was given. */
  RecipeException located(IllegalArgumentException refused) {
    String message = String.valueOf(refused.getMessage());
    String key = message.split(" ", 2)[0];
    Value value = values.get(key);
    return new RecipeException(value == null ? message : value.origin() + ": " + message);
  }

  private Value value(String path) {
    Value value = values.get(path);
    if (value == null) throw new IllegalStateException("defaults.yaml has no " + path);
    return value;
  }

  private @Nullable Object leaf(String path, Keys.Leaf leaf) {
    Value value = value(path);
    String absent = leaf.absent();
    if (absent != null && value.text().equals(absent)) return null;
    Type type = leaf.component().getGenericType();
    if (type instanceof ParameterizedType list) return list(path, value, (Class<?>) list.getActualTypeArguments()[0], absent);
    return convert(path, value, value.content(), (Class<?>) type, absent);
  }

  private List<Object> list(String path, Value value, Class<?> type, @Nullable String absent) {
    List<Object> items = new ArrayList<>();
    for (Object item : value.content() instanceof List<?> given ? given : List.of(value.content())) {
      items.add(type == String.class && !(item instanceof List) ? String.valueOf(item) : convert(path, value, item, type, absent));
    }
    return items;
  }

  private static Object convert(String path, Value value, Object content, Class<?> type, @Nullable String absent) {
    if (type.isEnum()) return constant(path, value, type, absent);
    Object converted = switch (type.getSimpleName()) {
      case "String" -> content instanceof List ? null : value.text();
      case "boolean", "Boolean" -> content instanceof Boolean ? content : null;
      case "double", "Double" -> content instanceof Number number ? (Object) number.doubleValue() : null;
      case "int", "Integer" -> whole(content) instanceof Long n && n == n.intValue() ? (Object) n.intValue() : null;
      case "long", "Long" -> whole(content);
      default -> throw new IllegalStateException("no rule for " + type + " at " + path);
    };
    if (converted != null) return converted;
    String rule = switch (type.getSimpleName()) {
      case "boolean", "Boolean" -> "true or false";
      case "int", "Integer", "long", "Long" -> "a whole number";
      case "double", "Double" -> "a number";
      default -> "one value";
    };
    throw refusal(path, value, rule, absent);
  }

  private static @Nullable Long whole(Object content) {
    return content instanceof Long n ? n
        : content instanceof Double d && d == Math.rint(d) && Math.abs(d) < 1e15 ? (Long) d.longValue() : null;
  }

  private static Object constant(String path, Value value, Class<?> type, @Nullable String absent) {
    List<String> names = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      String name = Keys.kebab(((Enum<?>) constant).name().toLowerCase(java.util.Locale.ROOT));
      if (name.equals(value.text())) return constant;
      names.add(name);
    }
    String hint = Nearest.to(value.text(), names).map(" (did you mean %s?)"::formatted).orElse("");
    throw refusal(path, value, "one of " + String.join(", ", names) + hint, absent);
  }

  private static RecipeException refusal(String path, Value value, String rule, @Nullable String absent) {
    return new RecipeException("%s: %s must be %s%s, got %s".formatted(
        value.origin(), path, rule, absent == null ? "" : ", or " + absent, value.yaml()));
  }
}
