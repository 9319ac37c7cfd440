package io.ballast.config;

import io.ballast.verify.Settings;
import io.ballast.verify.task.Tasks;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@link Tasks} as a recipe's {@code task} sees them. */
final class TaskCatalogue implements Catalogue {

  @Override public Collection<String> ids() {
    return Tasks.names();
  }

  @Override public Map<String, @Nullable Object> defaults(String id) {
    Map<String, @Nullable Object> defaults = new LinkedHashMap<>();
    for (var setting : Tasks.settings(id)) defaults.put(setting.name(), setting.fallback());
    return defaults;
  }

  @Override public void check(Choice choice) {
    new Settings("task " + choice.id(), Tasks.settings(choice.id()), choice.settings());
  }
}
