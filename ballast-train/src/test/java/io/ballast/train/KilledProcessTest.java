package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.ledger.RunDirectory;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A process killed as {@code kill -9} does, and another one that goes on: their run ends in the bytes of a third process that nothing happened
 * to. Within one process an order that differs from start to start, such as that of {@link Map#of}, would not show. A checkpoint of pipelined is one of sync.
 */
class KilledProcessTest {
  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(strings = {"sync", "async"})
  void a_killed_process_and_the_one_that_goes_on_end_like_one_that_was_not_killed(String mode) throws Exception {
    Path whole = dir.resolve("whole"), killed = dir.resolve("killed");
    Process spared = process("start", whole, mode, "");
    Process first = process("start", killed, mode, "hang");
    try {
      Path reached = killed.resolve("checkpoints/step-3");
      while (first.isAlive() && !Files.isDirectory(reached)) TimeUnit.MILLISECONDS.sleep(5);
      assertThat(first.isAlive()).as("the process waits after step 5 to be killed").isTrue();
    } finally {
      first.destroyForcibly().waitFor();
    }
    assertThat(process("resume", killed, mode, "").waitFor()).isZero();
    assertThat(spared.waitFor()).isZero();
    assertThat(comparable(killed)).isEqualTo(comparable(whole));
  }

  private static Map<String, String> comparable(Path run) {
    var files = SmallRun.bytes(run);
    files.keySet().removeIf(name -> name.contains(".part"));
    return files;
  }

  private Process process(String verb, Path run, String mode, String hang) throws Exception {
    List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow(), "-Xmx512m", "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-Dorg.bytedeco.openblas.load=mkl", "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), KilledProcessTest.class.getName(), verb, run.toString(), mode, hang));
    File log = dir.resolve("log").toFile();
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log)).start();
  }

  /** The child: verb, run folder, mode, and "hang" to stop for ever after step 5, so that the kill finds it wherever the machine is slow. */
  public static void main(String[] args) {
    Path folder = Path.of(args[1]);
    if (args[0].equals("resume")) {
      SmallRun.resume(folder);
      return;
    }
    var recipe = SmallRun.recipe("off-policy.mode=" + args[2], "off-policy.staleness=2");
    var asked = SmallRun.after(12 + 5);
    try (var run = RunDirectory.start(folder, Clock.systemUTC())) {
      SmallRun.training(recipe).interruptedBy(() -> {
        while (asked.getAsBoolean() && args[3].equals("hang")) java.util.concurrent.locks.LockSupport.park();
        return false;
      }).run(run);
    }
  }
}
