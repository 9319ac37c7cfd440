/**
 * A causal language model in Hugging Face's layout: its shape, its weights, log-probabilities, gradients and optimizer.
 *
 * <p>Read {@link io.ballast.model.Policy} first, then {@link io.ballast.model.ModelConfig} and {@link io.ballast.model.AdamW}. Inside:
 * {@link io.ballast.model.Layout} says where every weight lies, {@link io.ballast.model.Weights} holds them.
 */
@NullMarked
package io.ballast.model;

import org.jspecify.annotations.NullMarked;
