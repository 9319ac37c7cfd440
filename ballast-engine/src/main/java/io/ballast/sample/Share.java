package io.ballast.sample;

import io.ballast.tensor.Team;

/**
 * One thread's share of one pass.
 *
 * @param part number of the thread, 0 … size − 1
 * @param size threads that share the pass: the whole team, or 1
 * @param rows the pass; thread {@code part} owns rows [from, to) wherever a row needs no other
 * @param padded rows rounded up as matrix products want them
 * @param packed whether dense products read {@link Panels}
 * @param alone whether the thread computes all outputs of its own rows, which need no other's: no barrier then, and nothing passes from
 *     one core's cache to another's
 */
record Share(Team team, int part, int size, Rows rows, int from, int to, int padded, Numerics numerics, boolean packed, boolean alone,
    Matrix.Scratch scratch) {
  /** Rows are padded to a multiple of this: full vectors, and the same bits for a row whatever stands beside it. */
  private static final int PAD = 16;

  static Share of(Team team, int part, int size, Rows rows, Numerics numerics, boolean packed, Matrix.Scratch scratch) {
    return new Share(team, part, size, rows, rows.count * part / size, rows.count * (part + 1) / size, padded(rows.count), numerics, packed,
        false, scratch);
  }

  /** The thread's rows where each computes its own alone, by panels: whole groups of {@value #PAD}. */
  static Share alone(Team team, int part, Rows rows, Numerics numerics, Matrix.Scratch scratch) {
    int from = border(rows, part, team.size());
    int to = Math.min(rows.count, border(rows, part + 1, team.size()));
    return new Share(team, part, team.size(), rows, from, to, padded(to - from), numerics, true, true, scratch);
  }

  /** Whether every thread of the team has a group of rows, and no sequence has rows of two threads. */
  static boolean separable(Rows rows, int team) {
    if (team == 1 || rows.count <= (team - 1) * PAD) return false;
    for (int part = 1; part < team; part++) {
      int border = border(rows, part, team);
      if (rows.block[border - 1] == rows.block[border]) return false;
    }
    return true;
  }

  private static int border(Rows rows, int part, int team) {
    return padded(rows.count) / PAD * part / team * PAD;
  }

  static int padded(int rows) {
    return (rows + PAD - 1) / PAD * PAD;
  }

  int count() {
    return rows.count;
  }

  /** Waits for the other threads of the pass. */
  void barrier() {
    if (size > 1 && !alone) team.barrier();
  }

  /** This thread's outputs of {@code out = in · matrixᵀ}, or {@code out += …}. */
  void product(Matrix matrix, Activation in, float[] out, int ld, boolean add) {
    if (alone) matrix.applyPacked(in, from, padded, to - from, out, ld, add);
    else product(matrix, in, padded, rows.count, out, ld, add);
  }

  /** The same for an input of other rows than the pass has. */
  void product(Matrix matrix, Activation in, int padded, int wanted, float[] out, int ld, boolean add) {
    if (packed) matrix.applyPacked(part, in, 0, padded, wanted, out, ld, add);
    else matrix.apply(part, size, in, padded, wanted, out, ld, add, numerics, scratch);
  }
}
