/**
 * Writing answers: prompts in, tokens with their log-probabilities out. Read {@link io.ballast.sample.Generator} first, then
 * {@link io.ballast.sample.Request}, {@link io.ballast.sample.Sampling} and {@link io.ballast.sample.Completion}.
 */
@NullMarked
package io.ballast.sample;

import org.jspecify.annotations.NullMarked;
