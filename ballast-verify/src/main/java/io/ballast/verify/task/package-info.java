/**
 * Tasks whose answers a program can check: sums, countdown, the calculator steps of GSM8K.
 *
 * <p>Read {@link io.ballast.verify.task.TaskFamily} first, then {@link io.ballast.verify.task.Tasks}, which makes one
 * from its name and settings.
 */
@NullMarked
package io.ballast.verify.task;

import org.jspecify.annotations.NullMarked;
