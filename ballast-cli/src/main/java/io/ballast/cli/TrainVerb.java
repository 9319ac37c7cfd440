package io.ballast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "train",
    description = "The main job: warm start, then reinforcement learning by the recipe.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nCtrl-C writes a checkpoint and leaves (status 130); a second one leaves at once.%n%nExamples:%n",
    footer = {
      "  ballast train                                        the built-in recipe",
      "  ballast train recipe.yaml --run runs/first           a folder of your choice",
      "  ballast train --run runs/first --resume              go on where it stopped",
      "  ballast train --set method=grpo --set run.seed=7     another method, another seed",
      "  ballast train --set off-policy.staleness=8 --dry-run what would run, and where each value came from"
    })
final class TrainVerb implements Callable<Integer> {

  @Mixin
  private RecipeOptions options = new RecipeOptions();

  @Override public Integer call() {
    var resolved = options.resolve();
    if (options.dryRun) {
      Streams.out().print(resolved.explained());
      return Exit.DONE;
    }
    throw new RequestException("train is not there yet");
  }
}
