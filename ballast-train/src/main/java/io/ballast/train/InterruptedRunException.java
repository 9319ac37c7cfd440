package io.ballast.train;

import java.nio.file.Path;

/** The user stopped the run; its state is in a checkpoint. */
public final class InterruptedRunException extends RuntimeException {
  private static final long serialVersionUID = 1;

  InterruptedRunException(String phase, long step, Path checkpoint) {
    super("interrupted after step %d of %s; everything is in %s, go on with --resume".formatted(step, phase, checkpoint));
  }
}
