/**
 * Parts of objectives for other granularities than the token and for data the current policy did not sample. Read
 * {@link io.ballast.objective.Term} and {@link io.ballast.objective.Weighting} first: everything here is one of them, except
 * {@link io.ballast.objective.offpolicy.Chord}, {@link io.ballast.objective.offpolicy.FlowGuard} and
 * {@link io.ballast.objective.offpolicy.ProximalFrom}, which are whole objectives.
 */
@NullMarked
package io.ballast.objective.offpolicy;

import org.jspecify.annotations.NullMarked;
