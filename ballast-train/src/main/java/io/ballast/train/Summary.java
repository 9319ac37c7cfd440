package io.ballast.train;

import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param firstPass greedy pass@1 on held-out prompts before the first update; null for a supervised run
 * @param lastPass after the last update
 * @param checkpoint folder of the last checkpoint
 * @param text plain sentences for people
 */
public record Summary(int steps, @Nullable Double firstPass, @Nullable Double lastPass, Path checkpoint, String text) {

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
