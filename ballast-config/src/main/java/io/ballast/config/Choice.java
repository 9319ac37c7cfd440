package io.ballast.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something chosen by name, with the settings that go with the name: a method, a task, a correction.
 * Naming it is choosing it; its catalogue fills in the settings a recipe leaves out.
 *
 * @param settings by kebab-case key; values are {@code String} (also {@code "none"}), {@code Boolean}, {@code Long}, {@code Double} or a {@code List} of those
 */
public record Choice(String id, Map<String, Object> settings) {
  public Choice {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }
}
