package io.ballast.checkers.code;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Starts a program in namespaces of its own (user, network, mounts, processes): no network, no other processes to see, the
 * files of the machine to be read but not written, a small directory in memory to write to, and the limits of prlimit. The
 * program is the first process of its namespace: when it is killed, all it started dies with it.
 *
 * <p>It can still read what the user who runs Ballast can read.
 */
enum Confinement {
  NAMESPACES, NONE;

  // $1 is the directory to write to, the rest is the command. The second unshare gives up the right to undo the mounts. The shell stays as
  // the program's parent: a program that a limit kills then ends as status 128 + signal, which some versions of unshare cannot pass on.
  private static final String SETUP = """
      set -e
      mount -t tmpfs -o size=64m,mode=0777 tmpfs "$1"
      awk '{print $5}' /proc/self/mountinfo | while read m; do
        case "$m" in "$1"|/proc*|/dev*|/sys*) ;; *) mount -o remount,bind,ro "$m" || exit 97 ;; esac
      done
      cd "$1"
      shift
      set +e
      unshare --user sh -c '"$@"; exit $?' sh "$@"
      exit $?
      """;

  /** Whether this machine can confine so: asked once, by doing it. */
  static final class Machine {
    static final boolean CAN_CONFINE = tried();

    private static boolean tried() {
      try {
        var work = Files.createTempDirectory("ballast-code");
        try {
          var process = new ProcessBuilder(NAMESPACES.command(List.of("true"), work, new Limits(5, 5, 256, 64), true))
              .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
          if (process.waitFor(5, TimeUnit.SECONDS)) return process.exitValue() == 0;
          process.destroyForcibly();
          return false;
        } finally {
          Files.delete(work);
        }
      } catch (IOException e) {
        return false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  /** @param addressSpace whether memory is limited as address space, which a JVM does not survive */
  List<String> command(List<String> program, Path work, Limits limits, boolean addressSpace) {
    if (this == NONE) return program;
    var command = new ArrayList<>(List.of("unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
        "sh", "-c", SETUP, "sh", work.toString(), "prlimit", "--cpu=" + limits.cpuSeconds(), "--fsize=" + limits.outputKb() * 1024L, "--nofile=256",
        "--core=0", "--nproc=256"));
    if (addressSpace) command.add("--as=" + limits.memoryMb() * 1024L * 1024);
    command.addAll(program);
    return command;
  }
}
