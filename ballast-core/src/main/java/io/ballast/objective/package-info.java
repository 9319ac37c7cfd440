/**
 * Objectives as pure functions: a ragged batch of trained tokens in, loss and per-token gradient out.
 *
 * <p>Read {@link io.ballast.objective.TokenBatch} first, then {@link io.ballast.objective.Objective} and
 * {@link io.ballast.objective.Evaluation}.
 */
@NullMarked
package io.ballast.objective;

import org.jspecify.annotations.NullMarked;
