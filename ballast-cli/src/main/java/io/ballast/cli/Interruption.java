package io.ballast.cli;

import io.ballast.ledger.ProgressDisplay;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import sun.misc.Signal;

/** Ctrl-C and SIGTERM: the first asks the run to write a checkpoint and leave, the second leaves at once. */
final class Interruption implements BooleanSupplier {
  private final AtomicBoolean asked = new AtomicBoolean();

  private Interruption() {}

  static Interruption listen(ProgressDisplay display) {
    var interruption = new Interruption();
    for (String name : new String[] {"INT", "TERM"}) {
      Signal.handle(new Signal(name), _ -> {
        if (interruption.asked.getAndSet(true)) Runtime.getRuntime().halt(Exit.INTERRUPTED);
        // Not on the signal's thread: it must stay free for the second signal.
        Thread.startVirtualThread(() -> display.message("stopping: this step is finished and a checkpoint written; once more leaves at once"));
      });
    }
    return interruption;
  }

  @Override public boolean getAsBoolean() {
    return asked.get();
  }
}
