/**
 * What happened in a run, on disk: metrics, events, trajectories, checkpoints, and the page drawn from them.
 *
 * <p>Read {@link io.ballast.ledger.RunDirectory} first, then {@link io.ballast.ledger.Checkpoints} and {@link io.ballast.ledger.Report}.
 */
@NullMarked
package io.ballast.ledger;

import org.jspecify.annotations.NullMarked;
