/**
 * The loop, once: rollout, verify, advantage, objective, policy step. Read {@link io.ballast.train.Training} first, then
 * {@link io.ballast.train.Schedule} (which data when) and {@link io.ballast.train.Learner} (one optimizer step).
 */
@NullMarked
package io.ballast.train;

import org.jspecify.annotations.NullMarked;
