package io.ballast.verify;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Values for a list of {@link Setting}s: what was given, checked and converted, over the defaults.
 * Unknown names and values of the wrong type are refused here, by name.
 */
public final class Settings {
  private final String owner;
  private final Map<String, Object> values = new LinkedHashMap<>();

  /**
   * @param owner what the settings belong to, for messages: {@code verifier regex}
   * @param known every setting there is
   * @param given name to value; texts are converted to the setting's type
   * @throws IllegalArgumentException naming owner, setting, what is allowed and the nearest known name
   */
  public Settings(String owner, List<Setting> known, Map<String, ?> given) {
    this.owner = owner;
    var byName = new LinkedHashMap<String, Setting>();
    for (var setting : known) {
      byName.put(setting.name(), setting);
      values.put(setting.name(), setting.fallback());
    }
    given.forEach((name, value) -> {
      var setting = byName.get(name);
      if (setting == null) throw new IllegalArgumentException(Names.unknown("setting of " + owner, name, byName.keySet()));
      values.put(name, convert(setting, value));
    });
  }

  public long whole(String name) {
    return (Long) value(name);
  }

  /** A whole number that fits an int, at least {@code low}. */
  public int count(String name, int low) {
    long value = whole(name);
    if (value >= low && value <= Integer.MAX_VALUE) return (int) value;
    throw refused(name, "must be at least %d, got %d".formatted(low, value));
  }

  public double number(String name) {
    return (Double) value(name);
  }

  /** A number with {@code low <= value <= high}; NaN fails. */
  public double within(String name, double low, double high) {
    double value = number(name);
    if (value >= low && value <= high) return value;
    throw refused(name, "must be in [%s, %s], got %s".formatted(low, high, value));
  }

  public boolean flag(String name) {
    return (Boolean) value(name);
  }

  public String text(String name) {
    return (String) value(name);
  }

  /** Every setting with its value, in the order they are documented. */
  public Map<String, Object> resolved() {
    return new LinkedHashMap<>(values);
  }

  /** An exception that names owner and setting; {@code rule} says what is wrong and what is allowed. */
  public IllegalArgumentException refused(String name, String rule) {
    return new IllegalArgumentException("%s: %s %s".formatted(owner, name, rule));
  }

  private Object value(String name) {
    var value = values.get(name);
    if (value == null) throw new IllegalStateException(owner + " documents no setting " + name);
    return value;
  }

  private Object convert(Setting setting, Object value) {
    var name = setting.name();
    var text = value instanceof CharSequence ? value.toString() : String.valueOf(value);
    try {
      return switch (setting.fallback()) {
        case Long _ -> value instanceof Double d && d == Math.rint(d) ? (Object) d.longValue() : Long.parseLong(text.strip());
        case Double _ -> Double.parseDouble(text.strip());
        case Boolean _ -> switch (text.strip()) {
          case "true" -> true;
          case "false" -> false;
          default -> throw refused(name, "must be true or false, got '%s'".formatted(text));
        };
        default -> {
          if (!setting.choices().isEmpty() && !setting.choices().contains(text)) {
            throw refused(name, "must be one of %s, got '%s'".formatted(String.join(", ", setting.choices()), text));
          }
          yield text;
        }
      };
    } catch (NumberFormatException e) {
      throw refused(name, "must be a %s, got '%s'".formatted(setting.fallback() instanceof Long ? "whole number" : "number", text));
    }
  }
}
