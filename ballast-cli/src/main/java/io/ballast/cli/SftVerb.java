package io.ballast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "sft", description = "Supervised warm start of a model.", mixinStandardHelpOptions = true, sortOptions = false)
final class SftVerb implements Callable<Integer> {

  @Override public Integer call() {
    throw new RequestException("sft is not there yet");
  }
}
