package io.ballast.cli;

import io.ballast.ledger.Report;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "report",
    description = "(Re)draw report.html of a run: plots, sampled answers token by token, recipe and events on one page that works offline.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  ballast report runs/arithmetic-bapo-20261121-120000")
final class ReportVerb implements Callable<Integer> {

  @Parameters(index = "0", arity = "0..1", paramLabel = "RUN_DIR", description = "The run's folder.")
  private @Nullable Path run;

  @Override public Integer call() {
    if (run == null) throw new RequestException("report needs the folder of a run");
    Streams.out().println(Report.write(run));
    return Exit.DONE;
  }
}
