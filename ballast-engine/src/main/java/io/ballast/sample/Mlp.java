package io.ballast.sample;

import io.ballast.model.Weights;

/** A layer's MLP in the forward pass of sampling; all threads of a pass run it together. */
interface Mlp extends AutoCloseable {
  /**
   * Computes the rows of {@code in}, [rows, hidden], and adds them to {@code out}, or overwrites it. On return a thread's own rows of
   * {@code out} are complete, and {@code in} is free.
   */
  void run(Share share, Activation in, float[] out, boolean add);

  /** Reads again what is copied of the weights: vectors of the policy's current version. */
  void refresh(Weights.Layer master);

  /** Makes this part's panels of the matrices that all threads share, see {@link Matrix#pack}. */
  void pack(int part, Spare spare);

  /** Gives the panels back. */
  void unpack();

  @Override void close();
}
