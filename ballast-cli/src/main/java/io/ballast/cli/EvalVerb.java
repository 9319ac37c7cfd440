package io.ballast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "eval", description = "pass@1, pass@k and avg@k with confidence intervals.", mixinStandardHelpOptions = true, sortOptions = false)
final class EvalVerb implements Callable<Integer> {

  @Override public Integer call() {
    throw new RequestException("eval is not there yet");
  }
}
