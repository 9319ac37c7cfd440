/** Rewards into advantages. Read {@link io.ballast.advantage.Rewards} first, then {@link io.ballast.advantage.AdvantageEstimator}. */
@NullMarked
package io.ballast.advantage;

import org.jspecify.annotations.NullMarked;
