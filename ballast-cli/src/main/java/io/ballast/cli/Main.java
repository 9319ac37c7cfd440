package io.ballast.cli;

import io.ballast.config.RecipeException;
import io.ballast.ledger.RunRefusedException;
import io.ballast.ledger.StorageException;
import io.ballast.method.Nearest;
import io.ballast.train.InterruptedRunException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command. Results go to stdout, everything else to stderr; the exit status is one of {@link Exit}. */
@Command(
    name = "ballast",
    description = "Reinforcement learning of language models that stays upright when the data is stale.",
    synopsisSubcommandLabel = "VERB",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    commandListHeading = "%nVerbs:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ballast train                          the built-in recipe: BAPO on stale data, a few minutes on two cores",
      "  ballast train --set method=grpo        the same with another method",
      "  ballast train recipe.yaml --dry-run    every setting, and where its value came from",
      "  ballast methods bapo                   what a method is made of, its settings and their sources",
      "  ballast VERB --help                    a verb's options and examples",
      "",
      "Exit status: 0 done, 2 the request was wrong, 3 the run failed, 130 interrupted after a clean checkpoint."
    },
    subcommands = {
      TrainVerb.class, SftVerb.class, EvalVerb.class, GenerateVerb.class, ScoreVerb.class, ProbeVerb.class, VerifyVerb.class,
      MethodsVerb.class, BenchVerb.class, ReportVerb.class
    })
public final class Main implements Runnable {

  public static void main(String[] args) {
    var out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    var err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    int status = args.length == 1 && args[0].equals("--warm-up") ? WarmUp.run() : run(out, err, args);
    out.flush();
    if (out.checkError() && status == Exit.DONE) status = Exit.RUN_FAILED; // the reader of a pipe has gone, or the disk is full
    System.exit(status);
  }

  /** Runs one command line; what {@code main} does without leaving the process. */
  static int run(PrintStream out, PrintStream err, String... args) {
    Streams.set(out, err);
    var command = new CommandLine(new Main())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setOverwrittenOptionsAllowed(true)
        .setUsageHelpAutoWidth(false)
        .setParameterExceptionHandler((e, _) -> wrongRequest(err, e))
        .setExecutionExceptionHandler((e, _, _) -> failure(err, e));
    command.setUsageHelpWidth(110);
    command.getSubcommands().values().forEach(verb -> verb.setUsageHelpWidth(110));
    try {
      return command.execute(args);
    } catch (OutOfMemoryError e) {
      err.println("ballast: the Java heap is full (%d MB); raise it with BALLAST_HEAP, for example BALLAST_HEAP=4g ballast …".formatted(Runtime.getRuntime().maxMemory() >> 20));
    } catch (Error e) {
      err.println("ballast: failed: " + e);
    }
    return Exit.RUN_FAILED;
  }

  @Override public void run() {
    CommandLine.usage(this, Streams.out());
  }

  /** Status and message of an exception that ended a verb. */
  private static int failure(PrintStream err, Exception e) {
    if (System.getenv("BALLAST_TRACE") != null) e.printStackTrace(err);
    switch (e) {
      case RequestException _, RecipeException _, RunRefusedException _ -> {
        err.println("ballast: " + e.getMessage());
        return Exit.REQUEST_WRONG;
      }
      case InterruptedRunException _ -> {
        err.println("ballast: " + e.getMessage());
        return Exit.INTERRUPTED;
      }
      case StorageException _ -> err.println("ballast: " + e.getMessage());
      default -> {
        StackTraceElement[] trace = e.getStackTrace();
        err.println("ballast: failed: " + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
            + (trace.length == 0 ? "" : " (" + trace[0] + "; BALLAST_TRACE=1 shows the whole trace)"));
      }
    }
    return Exit.RUN_FAILED;
  }

  private static int wrongRequest(PrintStream err, ParameterException e) {
    CommandLine command = e.getCommandLine();
    err.println("ballast: " + message(command, e));
    err.println("See: " + command.getCommandSpec().qualifiedName() + " --help");
    return Exit.REQUEST_WRONG;
  }

  private static String message(CommandLine command, ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      String given = unmatched.getUnmatched().getFirst();
      boolean top = command.getParent() == null;
      if (given.startsWith("-")) return Nearest.message("option", given.split("=", 2)[0], options(command));
      if (top) return Nearest.message("verb", given, command.getSubcommands().keySet());
      return "unexpected argument \"%s\" after %s".formatted(given, command.getCommandName());
    }
    if (e instanceof MissingParameterException missing) return missing.getMessage().replace("Missing required", "missing required");
    return e.getMessage();
  }

  private static List<String> options(CommandLine command) {
    var names = new ArrayList<String>();
    for (var option : command.getCommandSpec().options()) if (!option.hidden()) names.add(option.longestName());
    return names;
  }
}
