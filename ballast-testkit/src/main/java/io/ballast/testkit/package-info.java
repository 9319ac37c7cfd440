/**
 * The kit of laws. Read {@link io.ballast.testkit.ObjectiveKit} first; {@link io.ballast.testkit.Batches} makes what it runs on.
 */
@NullMarked
package io.ballast.testkit;

import org.jspecify.annotations.NullMarked;
