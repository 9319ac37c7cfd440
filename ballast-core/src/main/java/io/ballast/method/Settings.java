package io.ballast.method;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A method's settings with every value resolved and checked: what was given, else the default. */
public final class Settings {
  private final Map<String, @Nullable Object> values;

  private Settings(Map<String, @Nullable Object> values) {
    this.values = values;
  }

  /**
   * @param overrides by setting name: Number, Boolean, String, or {@code null} and {@code "none"} for no value
   * @throws UnknownSettingException if a name is not among the known settings
   */
  static Settings resolve(String method, List<Setting> known, Map<String, ? extends @Nullable Object> overrides) {
    return resolve("method", method, known, overrides);
  }

  /** @param what a method or a correction, for messages */
  static Settings resolve(String what, String id, List<Setting> known, Map<String, ? extends @Nullable Object> overrides) {
    Map<String, @Nullable Object> given = new LinkedHashMap<>();
    Map<String, String> spelt = new LinkedHashMap<>();
    Map<String, String> names = Setting.spellings(known);
    for (Setting setting : known) names.put(setting.name(), setting.name());
    overrides.forEach((spelling, value) -> {
      String name = names.get(spelling);
      if (name == null) {
        throw new UnknownSettingException(
            Nearest.message("setting of %s %s".formatted(what, id), spelling, known.stream().map(Setting::name).toList()));
      }
      String before = spelt.put(name, spelling);
      if (before != null) throw new IllegalArgumentException("%s %s: %s and %s are one setting; give one of them".formatted(what, id, before, spelling));
      given.put(name, value);
    });
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (Setting setting : known) {
      Object value;
      if (given.containsKey(setting.name())) {
        value = setting.read(given.get(setting.name()));
      } else if (setting.required()) {
        throw new IllegalArgumentException("%s %s: setting %s has no default and must be given (%s)"
            .formatted(what, id, setting.name(), setting.meaning()));
      } else {
        value = setting.defaultValue();
      }
      values.put(setting.name(), value);
    }
    return new Settings(values);
  }

  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** Whether the method has the setting and it is not {@code none}. */
  public boolean isSet(String name) {
    return values.get(name) != null;
  }

  public double number(String name) {
    return ((Number) value(name)).doubleValue();
  }

  /** Empty where the setting is {@code none}. */
  public OptionalDouble optional(String name) {
    return isSet(name) ? OptionalDouble.of(number(name)) : OptionalDouble.empty();
  }

  public int integer(String name) {
    return Math.toIntExact(whole(name));
  }

  /** Empty where the setting is {@code none}. */
  public OptionalInt optionalInteger(String name) {
    return isSet(name) ? OptionalInt.of(integer(name)) : OptionalInt.empty();
  }

  public long whole(String name) {
    return (Long) value(name);
  }

  public boolean flag(String name) {
    return (Boolean) value(name);
  }

  public String choice(String name) {
    return (String) value(name);
  }

  /** Every setting with its value, {@code null} for {@code none}, in the order of the method. */
  public Map<String, @Nullable Object> values() {
    return Collections.unmodifiableMap(values);
  }

  private Object value(String name) {
    Object value = values.get(name);
    if (value == null) throw new IllegalStateException("setting %s %s".formatted(name, has(name) ? "is none" : "does not exist"));
    return value;
  }
}
