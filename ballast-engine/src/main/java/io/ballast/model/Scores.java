package io.ballast.model;

/**
 * What a policy thinks of the trained tokens of {@link TokenRows}, flat in row order.
 *
 * @param logp ln π(token | tokens before it), nats
 * @param entropy of the distribution the token was drawn from, nats
 */
public record Scores(double[] logp, double[] entropy) {}
