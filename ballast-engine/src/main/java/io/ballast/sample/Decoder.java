package io.ballast.sample;

import io.ballast.model.Policy;
import io.ballast.tensor.Team;

/** The forward pass of sampling: rows of tokens in, rows of logits out, keys and values written to a cache in place. */
interface Decoder extends AutoCloseable {
  /** Rows of logits held at once. */
  int LOGIT_ROWS = 64;

  /** Takes one row of logits, {@code logits[at … at + vocabulary)}; called from several threads, each slot once. */
  interface LogitSink {
    void accept(int part, int slot, float[] logits, int at);
  }

  /** Makes a decoder for a policy, whose passes have at most {@code maxRows} rows. */
  interface Maker {
    Decoder make(Policy policy, Team team, int maxRows);
  }

  /** Where the blocks come from that rows write to; lives as long as the decoder. */
  KvCache cache();

  /**
   * Takes the policy's weights as they are now; to be called before the first pass and after every change of the policy.
   *
   * @throws IllegalArgumentException if the decoder does not compute so strictly
   */
  void refresh(Numerics numerics);

  /** Runs all rows; every row that wants logits reaches {@code sink} once. */
  void forward(Rows rows, Numerics numerics, LogitSink sink);

  /** To be called after the last pass for a while: gives back memory that is much and quickly filled again. */
  default void rest() {}

  /** Bytes of native memory and arrays held, weights not counted. */
  long bytes();

  @Override void close();
}
