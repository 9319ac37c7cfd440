package io.ballast.config;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a {@link Choice} may name, as far as the reader has to know it. */
public interface Catalogue {

  /** Every id, in the order shown to users. */
  Collection<String> ids();

  /** Every setting of {@code id} with its default, null where it must be given; a setting that is not in here is refused. */
  Map<String, @Nullable Object> defaults(String id);

  /** The setting's name by each other spelling that is read as it. */
  default Map<String, String> spellings(String id) {
    return Map.of();
  }

  /**
   * Refuses settings that do not fit together or are out of range.
   *
   * @throws IllegalArgumentException saying which and why
   */
  default void check(Choice choice) {}
}
