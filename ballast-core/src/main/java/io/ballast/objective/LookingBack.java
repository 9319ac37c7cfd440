package io.ballast.objective;

import java.util.Optional;

/** An objective that wants, before a step, another pass over the batch of the step before: policy improvement methods. */
public interface LookingBack extends Objective {

  /** Whether it ever wants that pass: a trainer then keeps the batch of the step before. */
  boolean looksBack();

  /**
   * The objective of that pass, an optimizer step of its own; empty where none is due. It is evaluated on the batch of the step
   * before, as that step saw it: its stored {@code oldLogp} and advantages, with today's {@code logp}.
   *
   * @param current the batch of the step that is about to be taken
   */
  Optional<Objective> lookBack(TokenBatch current);
}
