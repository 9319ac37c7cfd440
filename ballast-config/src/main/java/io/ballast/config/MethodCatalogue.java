package io.ballast.config;

import io.ballast.method.Method;
import io.ballast.method.Methods;
import io.ballast.method.Setting;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@link Methods} as a recipe's {@code method} sees them. */
final class MethodCatalogue implements Catalogue {

  @Override public Collection<String> ids() {
    return Methods.all().stream().map(Method::id).toList();
  }

  @Override public Map<String, @Nullable Object> defaults(String id) {
    Map<String, @Nullable Object> defaults = new LinkedHashMap<>();
    for (var setting : Methods.named(id).settings()) {
      defaults.put(setting.name(), setting.defaultValue() == null && setting.optional() ? Value.NONE : setting.defaultValue());
    }
    return defaults;
  }

  @Override public Map<String, String> spellings(String id) {
    return Setting.spellings(Methods.named(id).settings());
  }

  @Override public void check(Choice choice) {
    Methods.named(choice.id()).assemble(choice.settings());
  }
}
