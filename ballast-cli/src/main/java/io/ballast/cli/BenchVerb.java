package io.ballast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "bench", description = "Measured speed and memory.", mixinStandardHelpOptions = true, sortOptions = false)
final class BenchVerb implements Callable<Integer> {

  @Override public Integer call() {
    throw new RequestException("bench is not there yet");
  }
}
