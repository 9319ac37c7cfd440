/**
 * Soft trust regions: gates, quadratic pulls, hazards, bounded targets, divergence masks and penalties that replace or complement
 * hard clipping, as parts of a {@link io.ballast.objective.PolicyObjective}, and the objectives of whole groups beside it.
 *
 * <p>Read {@link io.ballast.objective.soft.SoftGate} first: the smallest one.
 */
@NullMarked
package io.ballast.objective.soft;

import org.jspecify.annotations.NullMarked;
