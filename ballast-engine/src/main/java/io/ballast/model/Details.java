package io.ballast.model;

/**
 * More than log-probabilities about the trained tokens of {@link TokenRows}, flat in row order.
 *
 * @param width k, tokens looked at per position
 * @param topToken [T · k] ids of the k likeliest tokens, likeliest first
 * @param topLogp [T · k] their log-probabilities, nats
 * @param hiddenSize d
 * @param hidden [T · d] the normalised hidden state that the output layer reads
 */
public record Details(int width, int[] topToken, double[] topLogp, int hiddenSize, double[] hidden) {}
