/**
 * A causal language model in Hugging Face's layout: its shape, its weights, log-probabilities, gradients and optimizer.
 *
 * <p>Read {@link io.ballast.model.ModelConfig} first. Inside:
 * {@link io.ballast.model.Layout} says where every weight lies, {@link io.ballast.model.Weights} holds them.
 */
@NullMarked
package io.ballast.model;

import org.jspecify.annotations.NullMarked;
