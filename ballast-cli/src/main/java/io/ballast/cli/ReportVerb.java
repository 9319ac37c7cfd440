package io.ballast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "report", description = "(Re)draw report.html of a run.", mixinStandardHelpOptions = true, sortOptions = false)
final class ReportVerb implements Callable<Integer> {

  @Override public Integer call() {
    throw new RequestException("report is not there yet");
  }
}
