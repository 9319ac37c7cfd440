package io.ballast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "verify", description = "Run an answer checker over JSON lines.", mixinStandardHelpOptions = true, sortOptions = false)
final class VerifyVerb implements Callable<Integer> {

  @Override public Integer call() {
    throw new RequestException("verify is not there yet");
  }
}
