package io.ballast.cli;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Uses what the small verbs use, so that the launcher's archive of loaded classes holds it. */
final class WarmUp {
  private WarmUp() {}

  private static final String CASE = """
      {"method": "ppo", "settings": {"dual-clip": 3}, "sequences": [{"logp": [-0.7], "oldLogp": [-0.8], "mask": [1], "advantage": 0.5}]}
      {"method": "grpo", "sequences": [{"group": 0, "logp": [-1], "oldLogp": [-1], "reward": 1}, {"group": 0, "logp": [-1], "oldLogp": [-1], "reward": 0}]}
      """;

  static int run() {
    var nowhere = new PrintStream(OutputStream.nullOutputStream());
    System.setIn(new ByteArrayInputStream(CASE.getBytes(StandardCharsets.UTF_8)));
    for (String[] args : new String[][] {
        {"--help"}, {"train", "--help"}, {"train", "--dry-run"}, {"methods"}, {"methods", "--json"}, {"methods", "grpo"}, {"trian"}, {"probe", "--inptu", "-"}, {"probe", "--input", "-"}}) {
      Main.run(nowhere, nowhere, args);
    }
    return Exit.DONE;
  }
}
