/**
 * What adapts from step to step: coefficients under control, dual variables, schedules, and laws fitted to a run.
 *
 * <p>Read {@link io.ballast.control.Controller} first, then {@link io.ballast.control.Steered}. Every controller is a value: it
 * returns its successor and never changes, and its {@link io.ballast.control.Controller#memory memory} is what a checkpoint keeps.
 */
@NullMarked
package io.ballast.control;

import org.jspecify.annotations.NullMarked;
