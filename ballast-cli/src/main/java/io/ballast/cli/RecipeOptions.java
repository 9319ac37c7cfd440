package io.ballast.cli;

import io.ballast.config.RecipeReader;
import io.ballast.config.ResolvedRecipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code train} and {@code sft} have in common: a recipe and what is done with it. */
final class RecipeOptions {

  @Parameters(index = "0", arity = "0..1", paramLabel = "RECIPE.yaml", description = "The recipe; without one, the built-in default.")
  @Nullable Path recipe;

  @Option(names = "--set", paramLabel = "KEY=VALUE",
      description = "Override a key of the recipe: --set method=grpo, --set method.clip-low=0.1, --set optimizer.betas=0.9,0.99. May be repeated.")
  List<String> overrides = List.of();

  @Option(names = "--run", paramLabel = "DIR", description = "The run's folder; without it, a new one under runs/.")
  @Nullable Path run;

  @Option(names = "--resume", description = "Go on from the newest complete checkpoint of --run, with the run's own recipe; --set may change "
      + "schedule.steps, eval.* and run.*.")
  boolean resume;

  @Option(names = "--dry-run", description = "Print the resolved recipe with where each value came from, and stop.")
  boolean dryRun;

  /** The recipe asked for; on {@code --resume} the run's own. */
  ResolvedRecipe resolve() {
    var reader = new RecipeReader(Map.of());
    if (!resume) return reader.read(recipe, overrides);
    if (run == null) throw new RequestException("--resume needs --run DIR: the run to go on with");
    Path own = run.resolve("recipe.yaml");
    if (!java.nio.file.Files.exists(own)) return reader.read(recipe, overrides);
    if (recipe != null) throw new RequestException("--resume goes on with the run's own recipe %s; leave %s out".formatted(own, recipe));
    return reader.resume(own, overrides);
  }
}
