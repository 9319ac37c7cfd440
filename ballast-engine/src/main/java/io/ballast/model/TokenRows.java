package io.ballast.model;

import org.jspecify.annotations.Nullable;

/**
 * Rows of tokens and which of them are trained.
 *
 * @param tokens prompt and answer of each row, ids below the vocabulary size
 * @param trained same shape: {@code trained[r][t]} asks for the log-probability of token t given tokens 0 … t − 1; never the first
 * @param routes experts each row's positions are sent to, whatever the router prefers; null for a row, or positions beyond its routes: the
 *     router decides. Null where it decides everywhere
 */
public record TokenRows(int[][] tokens, boolean[][] trained, @Nullable Routes @Nullable [] routes) {

  public TokenRows {
    if (tokens.length != trained.length) {
      throw new IllegalArgumentException("%d rows of tokens but %d of trained".formatted(tokens.length, trained.length));
    }
    for (int r = 0; r < tokens.length; r++) {
      if (tokens[r].length == 0) throw new IllegalArgumentException("row " + r + " is empty");
      if (tokens[r].length != trained[r].length) {
        throw new IllegalArgumentException("row %d has %d tokens but %d trained marks".formatted(r, tokens[r].length, trained[r].length));
      }
      if (trained[r][0]) throw new IllegalArgumentException("row " + r + ": the first token has nothing before it and cannot be trained");
    }
    if (routes != null) check(tokens, routes);
  }

  private static void check(int[][] tokens, @Nullable Routes[] routes) {
    if (routes.length != tokens.length) {
      throw new IllegalArgumentException("%d rows of tokens but %d of routes".formatted(tokens.length, routes.length));
    }
    for (int r = 0; r < tokens.length; r++) {
      Routes row = routes[r];
      if (row != null && row.positions() > tokens[r].length) {
        throw new IllegalArgumentException("row %d has %d tokens but routes of %d positions".formatted(r, tokens[r].length, row.positions()));
      }
    }
  }

  /** Rows whose experts the router chooses. */
  public TokenRows(int[][] tokens, boolean[][] trained) {
    this(tokens, trained, null);
  }

  /** The same tokens with the router's own choices: for a policy other than the one that recorded the routes. */
  public TokenRows unrouted() {
    return routes == null ? this : new TokenRows(tokens, trained);
  }

  /** Every token but the first of each row. */
  public static TokenRows all(int[][] tokens) {
    boolean[][] trained = new boolean[tokens.length][];
    for (int r = 0; r < tokens.length; r++) {
      trained[r] = new boolean[tokens[r].length];
      for (int t = 1; t < trained[r].length; t++) trained[r][t] = true;
    }
    return new TokenRows(tokens, trained);
  }

  /** Trained tokens in all rows: the length of the arrays of {@link Scores} and of the gradients. */
  public int trainedTokens() {
    int count = 0;
    for (boolean[] row : trained) for (boolean mark : row) if (mark) count++;
    return count;
  }
}
