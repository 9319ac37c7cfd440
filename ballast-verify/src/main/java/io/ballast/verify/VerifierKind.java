package io.ballast.verify;

import java.util.List;

/**
 * A verifier that can be asked for by name. Implementations are found by {@link java.util.ServiceLoader}, so a room
 * (or a user's jar) adds its own by naming them in {@code META-INF/services/io.ballast.verify.VerifierKind}.
 */
public interface VerifierKind {
  /** Kebab-case name, as in a recipe. */
  String name();

  /** What counts as right, in one sentence. */
  String meaning();

  default List<Setting> settings() {
    return List.of();
  }

  Verifier make(Settings settings);

  /**
   * Whether the work is bounded by a small multiple of the text's length, so that no watching thread is needed. A kind
   * that answers true must keep to it for every string.
   */
  default boolean linear() {
    return false;
  }

  /** Time limit per answer in seconds where the recipe sets none. */
  default double timeLimit() {
    return 5;
  }
}
