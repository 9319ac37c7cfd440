package io.ballast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "score", description = "Per-token log-probability and entropy.", mixinStandardHelpOptions = true, sortOptions = false)
final class ScoreVerb implements Callable<Integer> {

  @Override public Integer call() {
    throw new RequestException("score is not there yet");
  }
}
