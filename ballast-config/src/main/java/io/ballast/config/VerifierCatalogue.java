package io.ballast.config;

import io.ballast.verify.Settings;
import io.ballast.verify.Verifiers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@link Verifiers} as a recipe's {@code verifier} sees them, and {@code auto}: whatever the task or the data brings. */
final class VerifierCatalogue implements Catalogue {
  private static final String AUTO = "auto";

  @Override public Collection<String> ids() {
    List<String> ids = new ArrayList<>(List.of(AUTO));
    ids.addAll(Verifiers.names());
    return ids;
  }

  @Override public Map<String, @Nullable Object> defaults(String id) {
    Map<String, @Nullable Object> defaults = new LinkedHashMap<>();
    if (!id.equals(AUTO)) for (var setting : Verifiers.settings(id)) defaults.put(setting.name(), setting.fallback());
    return defaults;
  }

  @Override public void check(Choice choice) {
    if (!choice.id().equals(AUTO)) new Settings("verifier " + choice.id(), Verifiers.settings(choice.id()), choice.settings());
  }
}
