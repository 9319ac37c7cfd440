package io.ballast.method;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One setting of a method.
 *
 * @param name kebab-case
 * @param type what its value must be
 * @param defaultValue used where nothing is set; {@code null} is {@code none} for an optional setting, and for any other means
 *     that the setting must be given
 * @param optional whether {@code none} is a value
 * @param choices the values of a {@link Type#CHOICE}, otherwise empty
 * @param meaning one sentence, with the unit where there is one
 * @param source where the default comes from
 * @param example a value to start from where there is no default
 * @param also other spellings that are read as this setting, where its source writes the name in two ways or shares it with another method;
 *     pages and {@code methods} show them
 */
public record Setting(
    String name, Type type, @Nullable Object defaultValue, boolean optional, List<String> choices, String meaning, String source,
    @Nullable Object example, List<String> also) {

  public enum Type {
    NUMBER, INTEGER, FLAG, CHOICE;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Setting {
    choices = List.copyOf(choices);
    also = List.copyOf(also);
  }

  public static Setting number(String name, double defaultValue, String meaning, String source) {
    return new Setting(name, Type.NUMBER, defaultValue, false, List.of(), meaning, source, null, List.of());
  }

  /** A number that may be {@code none}; {@code null} makes that the default. */
  public static Setting optionalNumber(String name, @Nullable Double defaultValue, String meaning, String source) {
    return new Setting(name, Type.NUMBER, defaultValue, true, List.of(), meaning, source, null, List.of());
  }

  /** A number without a default: nobody published one, so the user must choose. */
  public static Setting requiredNumber(String name, double example, String meaning, String source) {
    return new Setting(name, Type.NUMBER, null, false, List.of(), meaning, source, example, List.of());
  }

  public static Setting integer(String name, long defaultValue, String meaning, String source) {
    return new Setting(name, Type.INTEGER, defaultValue, false, List.of(), meaning, source, null, List.of());
  }

  public static Setting optionalInteger(String name, @Nullable Long defaultValue, String meaning, String source) {
    return new Setting(name, Type.INTEGER, defaultValue, true, List.of(), meaning, source, null, List.of());
  }

  public static Setting flag(String name, boolean defaultValue, String meaning, String source) {
    return new Setting(name, Type.FLAG, defaultValue, false, List.of(), meaning, source, null, List.of());
  }

  public static Setting choice(String name, String defaultValue, List<String> choices, String meaning, String source) {
    return new Setting(name, Type.CHOICE, defaultValue, false, choices, meaning, source, null, List.of());
  }

  /** This setting with another default, for a method that shares its meaning. */
  public Setting withDefault(@Nullable Object value, String source) {
    return new Setting(name, type, value, optional, choices, meaning, source, example, also);
  }

  /** This setting under other spellings too. */
  public Setting also(String... spellings) {
    return new Setting(name, type, defaultValue, optional, choices, meaning, source, example, List.of(spellings));
  }

  /** The name and every other spelling. */
  public List<String> spellings() {
    return Stream.concat(Stream.of(name), also.stream()).toList();
  }

  /** The name of each setting by its other spellings. */
  public static Map<String, String> spellings(List<Setting> settings) {
    Map<String, String> names = new LinkedHashMap<>();
    for (Setting setting : settings) setting.also.forEach(spelling -> names.put(spelling, setting.name));
    return names;
  }

  public boolean required() {
    return defaultValue == null && !optional;
  }

  /** The default as pages and {@code methods} print it: {@code none}, {@code required} or the value. */
  public String defaultText() {
    return defaultValue == null ? optional ? "none" : "required" : String.valueOf(defaultValue);
  }

  /**
   * A value as given by a user, checked and converted to Double, Long, Boolean or String; {@code null} is {@code none}.
   *
   * @throws IllegalArgumentException naming setting, rule and value
   */
  @Nullable Object read(@Nullable Object given) {
    if (given == null || given.equals("none") && !choices.contains("none")) {
      if (optional) return null;
      throw wrong("none");
    }
    return switch (type) {
      case NUMBER -> {
        Double number = asNumber(given);
        if (number == null || number.isNaN()) throw wrong(given);
        yield number;
      }
      case INTEGER -> {
        Double number = asNumber(given);
        if (number == null || number != Math.rint(number) || Math.abs(number) > 1L << 53) throw wrong(given);
        yield number.longValue();
      }
      case FLAG -> switch (String.valueOf(given)) {
        case "true" -> true;
        case "false" -> false;
        default -> throw wrong(given);
      };
      case CHOICE -> {
        String choice = String.valueOf(given);
        if (!choices.contains(choice)) throw new IllegalArgumentException(Nearest.message("value of setting " + name, choice, choices));
        yield choice;
      }
    };
  }

  private static @Nullable Double asNumber(Object given) {
    if (given instanceof Number number) return number.doubleValue();
    try {
      return given instanceof String text ? Double.valueOf(text.strip()) : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private IllegalArgumentException wrong(Object given) {
    String wanted = switch (type) {
      case NUMBER -> "a number";
      case INTEGER -> "a whole number";
      case FLAG -> "true or false";
      case CHOICE -> "one of " + String.join(", ", choices);
    };
    return new IllegalArgumentException("setting %s must be %s%s, got %s"
        .formatted(name, wanted, optional ? " or none" : "", given instanceof String text ? '"' + text + '"' : given));
  }
}
