package io.ballast.cli;

import io.ballast.train.Training;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "sft",
    description = "Supervised warm start of a model: the recipe's warm-start section alone, on the demonstrations of its task.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  ballast sft recipe.yaml --run runs/base              the model is then in runs/base/checkpoints/step-N/model",
      "  ballast train recipe.yaml --set warm-start.steps=0 --set model.path=runs/base/checkpoints/step-150/model"
    })
final class SftVerb implements Callable<Integer> {

  @Mixin
  private RecipeOptions options = new RecipeOptions();

  @Override public Integer call() {
    return TrainVerb.run(options, "sft-", options.resolve(), recipe -> recipe.recipe().warmStart().steps(), Training::warmStartOnly);
  }
}
