package io.ballast.config;

import io.ballast.method.Corrections;
import io.ballast.method.Setting;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@link Corrections} as a recipe's {@code off-policy.correction} sees them. */
final class CorrectionCatalogue implements Catalogue {

  @Override public Collection<String> ids() {
    return Corrections.all().stream().map(Corrections.Correction::id).toList();
  }

  @Override public Map<String, @Nullable Object> defaults(String id) {
    Map<String, @Nullable Object> defaults = new LinkedHashMap<>();
    for (var setting : Corrections.named(id).settings()) {
      defaults.put(setting.name(), setting.defaultValue() == null && setting.optional() ? Value.NONE : setting.defaultValue());
    }
    return defaults;
  }

  @Override public Map<String, String> spellings(String id) {
    return Setting.spellings(Corrections.named(id).settings());
  }

  @Override public void check(Choice choice) {
    Corrections.named(choice.id()).weighting(choice.settings(), true);
  }
}
