/**
 * Methods: named, documented assemblies of an advantage estimator and an objective with their paper's defaults.
 * Read {@link io.ballast.method.Method} first, then {@link io.ballast.method.Methods}.
 */
@NullMarked
package io.ballast.method;

import org.jspecify.annotations.NullMarked;
