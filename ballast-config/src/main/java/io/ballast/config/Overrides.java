package io.ballast.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code --set key=value}: numbers, {@code true}, {@code false}, {@code none}, texts, and lists with commas. */
public final class Overrides {
  private Overrides() {}

  /**
   * @return key to {@code String} (also {@code "none"}), {@code Boolean}, {@code Long}, {@code Double} or a {@code List} of those
   * @throws RecipeException if one is not {@code key=value}
   */
  public static Map<String, Object> read(List<String> overrides) {
    Map<String, Object> contents = new LinkedHashMap<>();
    values(overrides).forEach((key, value) -> contents.put(key, value.content()));
    return contents;
  }

  static Map<String, Value> values(List<String> overrides) {
    Map<String, Value> values = new LinkedHashMap<>();
    for (String override : overrides) {
      int equals = override.indexOf('=');
      if (equals < 1) throw new RecipeException("--set %s: write key=value, for example --set rollout.group-size=16".formatted(override));
      String key = override.substring(0, equals).strip();
      if (override.substring(equals + 1).isBlank()) {
        throw new RecipeException("--set %s: %s has no value; leave it out for its default, or write none".formatted(override, key));
      }
      values.put(key, Value.parse(override.substring(equals + 1), Value.SET));
    }
    return values;
  }
}
