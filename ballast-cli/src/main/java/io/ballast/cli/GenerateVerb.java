package io.ballast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "generate", description = "Sample from a checkpoint.", mixinStandardHelpOptions = true, sortOptions = false)
final class GenerateVerb implements Callable<Integer> {

  @Override public Integer call() {
    throw new RequestException("generate is not there yet");
  }
}
