package io.ballast.model;

import io.ballast.tensor.Scope;

/**
 * Rows that do not depend on one another, some at a time. On a CPU what is computed of a piece stays in a second-level cache from one
 * operation to the next; elsewhere all rows are one piece.
 */
final class Pieces {
  private Pieces() {}

  /** What is done with rows [from, from + count). */
  interface Rows {
    void run(long from, long count);
  }

  /** @param most numbers of a piece, of which a row has {@code perRow}; a piece is one row at least */
  static void each(boolean cpu, long rows, long perRow, long most, Rows work) {
    long step = cpu ? Math.max(1, most / perRow) : rows;
    for (long from = 0; from < rows; from += step) {
      try (var scope = Scope.open("piece")) {
        work.run(from, Math.min(step, rows - from));
      }
    }
  }
}
