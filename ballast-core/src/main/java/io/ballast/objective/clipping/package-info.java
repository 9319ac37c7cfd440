/**
 * Trust regions that clip, gate or weight the ratio of a token in a way of their own. Read
 * {@link io.ballast.objective.clipping.BalancedClip} first: it is BAPO's.
 */
@NullMarked
package io.ballast.objective.clipping;

import org.jspecify.annotations.NullMarked;
