/**
 * The recipe of a run: typed sections, the reader of YAML and {@code --set}, the resolved printout.
 *
 * <p>Read {@link io.ballast.config.Recipe} first, then {@link io.ballast.config.RecipeReader}. The defaults stand in {@code defaults.yaml}
 * beside these classes and nowhere else.
 */
@NullMarked
package io.ballast.config;

import org.jspecify.annotations.NullMarked;
