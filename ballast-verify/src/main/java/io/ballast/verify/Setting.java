package io.ballast.verify;

import java.util.List;

/**
 * One documented setting of a verifier or a task.
 *
 * @param name kebab-case, as in a recipe
 * @param fallback value where none is given; its class (Long, Double, Boolean, String) is the setting's type
 * @param meaning one phrase, with units
 * @param choices the texts allowed; empty where any value of the type is
 */
public record Setting(String name, Object fallback, String meaning, List<String> choices) {

  public Setting {
    if (!(fallback instanceof Long || fallback instanceof Double || fallback instanceof Boolean || fallback instanceof String)) {
      throw new IllegalArgumentException(
          "setting %s: the default must be Long, Double, Boolean or String, got %s".formatted(name, fallback.getClass().getName()));
    }
    choices = List.copyOf(choices);
  }

  public static Setting whole(String name, long fallback, String meaning) {
    return new Setting(name, fallback, meaning, List.of());
  }

  public static Setting number(String name, double fallback, String meaning) {
    return new Setting(name, fallback, meaning, List.of());
  }

  public static Setting flag(String name, boolean fallback, String meaning) {
    return new Setting(name, fallback, meaning, List.of());
  }

  public static Setting text(String name, String fallback, String meaning) {
    return new Setting(name, fallback, meaning, List.of());
  }

  public static Setting choice(String name, String fallback, List<String> choices, String meaning) {
    return new Setting(name, fallback, meaning, choices);
  }
}
