package io.ballast.model;

import org.bytedeco.pytorch.Tensor;

/** What an optimizer updates: one flat tensor of weights and one of gradients, elementwise aligned. */
interface Trainable {
  Tensor weights();

  /** All that was accumulated since it was last set to zero, which is the optimizer's to do. */
  Tensor gradients();

  /** The first this many elements are subject to weight decay. */
  long decayedSize();

  /** Number of weights, alignment gaps not counted. */
  long parameters();

  /** Name of the first tensor whose gradient is not finite, for a message; sets all gradients to zero. */
  String discardGradients();

  /** To be called after the weights have changed and the gradients are zero. */
  void changed();
}
