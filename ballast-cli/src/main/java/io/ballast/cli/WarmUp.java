package io.ballast.cli;

import java.io.OutputStream;
import java.io.PrintStream;

/** Uses what the small verbs use, so that the launcher's archive of loaded classes holds it. */
final class WarmUp {
  private WarmUp() {}

  static int run(PrintStream err) {
    var nowhere = new PrintStream(OutputStream.nullOutputStream());
    for (String[] args : new String[][] {
        {"--help"}, {"train", "--help"}, {"train", "--dry-run"}, {"methods"}, {"methods", "--json"}, {"methods", "grpo"}, {"trian"}, {"probe", "--inptu", "-"}}) {
      Main.run(nowhere, nowhere, args);
    }
    return Exit.DONE;
  }
}
