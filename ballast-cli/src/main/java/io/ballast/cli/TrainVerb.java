package io.ballast.cli;

import io.ballast.config.ResolvedRecipe;
import io.ballast.ledger.ProgressDisplay;
import io.ballast.ledger.RunDirectory;
import io.ballast.train.Summary;
import io.ballast.train.Training;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
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
    return run(options, "", options.resolve(), recipe -> recipe.recipe().schedule().steps(), Training::run);
  }

  /** The last step a run of this recipe has. */
  interface LastStep {
    int of(ResolvedRecipe recipe);
  }

  /** What {@code train} and {@code sft} share: the folder, signals, the display, the closing words. */
  static int run(RecipeOptions options, String prefix, ResolvedRecipe recipe, LastStep last, BiFunction<Training, RunDirectory, Summary> phase) {
    if (options.dryRun) {
      Streams.out().print(recipe.explained());
      Training.of(recipe).describe().forEach(line -> Streams.out().println("# " + line));
      return Exit.DONE;
    }
    try (RunDirectory run = folder(options, prefix + recipe.recipe().runName()); var display = ProgressDisplay.standard(Streams.err())) {
      if (options.resume && run.checkpoints().newest().orElse(-1) >= last.of(recipe)) {
        display.message("run %s is finished: %d of %d steps; --set schedule.steps=N --resume would go on".formatted(run.path(),
            run.checkpoints().newest().getAsLong(), last.of(recipe)));
        return Exit.DONE;
      }
      var interruption = Interruption.listen(display);
      Summary summary = phase.apply(Training.of(recipe).display(display).interruptedBy(interruption), run);
      display.close();
      Streams.err().println(summary.text());
      Streams.err().println("Everything about it: " + run.path().resolve("report.html"));
      return Exit.DONE;
    }
  }

  private static RunDirectory folder(RecipeOptions options, String name) {
    if (options.run == null) return RunDirectory.create(Path.of("runs"), name, Clock.systemDefaultZone());
    return options.resume ? RunDirectory.resume(options.run, Clock.systemDefaultZone()) : RunDirectory.start(options.run, Clock.systemDefaultZone());
  }
}
