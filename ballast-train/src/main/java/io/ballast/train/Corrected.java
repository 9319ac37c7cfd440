package io.ballast.train;

import io.ballast.config.Choice;
import io.ballast.config.Recipe;
import io.ballast.method.Assembly;
import io.ballast.method.Corrections;
import io.ballast.objective.Weighting;
import org.jspecify.annotations.Nullable;

/** Which correction of stale data a recipe asks for. */
final class Corrected {
  private Corrected() {}

  /**
   * The weight on each token's policy term, or null where the method's own ratio does it all.
   *
   * @throws IllegalArgumentException if stale data would be trained on uncorrected, or the correction is not known
   */
  static @Nullable Weighting by(Recipe recipe, Assembly method) {
    Choice choice = recipe.offPolicy().correction();
    boolean stale = recipe.offPolicy().staleness() > 0 || recipe.schedule().updatesPerBatch() * recipe.schedule().epochs() > 1;
    if (choice.id().equals("none") && stale && !method.usesRatio()) {
      throw new IllegalArgumentException(("method %s has no importance ratio, so with off-policy.correction none it would train on stale data as if it were "
          + "fresh; set off-policy.correction to auto, or off-policy.staleness to 0 with one update a batch").formatted(recipe.method().id()));
    }
    if (choice.id().equals("auto") && !stale) return null;
    return Corrections.named(choice.id()).weighting(choice.settings(), method.usesRatio()).orElse(null);
  }
}
