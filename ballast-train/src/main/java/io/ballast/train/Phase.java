package io.ballast.train;

import io.ballast.config.Recipe;
import io.ballast.ledger.ProgressDisplay;
import io.ballast.ledger.RunDirectory;
import io.ballast.model.AdamW;
import io.ballast.model.Policy;
import io.ballast.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** What the supervised and the reinforcement phase share: names within a checkpoint, optimizer settings, the opening words. */
final class Phase {
  private Phase() {}

  static final String MODEL = "model", OPTIMIZER = "optimizer.safetensors", REFERENCE = "reference";

  static AdamW optimizer(Policy policy, Recipe.Optimizer settings) {
    return new AdamW(policy, new AdamW.Settings(settings.betas().get(0), settings.betas().get(1), settings.eps(), settings.weightDecay()));
  }

  static void load(AdamW optimizer, Path checkpoint) {
    try {
      optimizer.load(checkpoint.resolve(OPTIMIZER));
    } catch (IOException e) {
      throw new UncheckedIOException("the optimizer's state in %s cannot be read: %s".formatted(checkpoint, e.getMessage()), e);
    }
  }

  static double gradClip(Recipe.Optimizer settings) {
    return settings.gradClip() == null ? Double.POSITIVE_INFINITY : settings.gradClip();
  }

  /** A model folder that every tool loads: weights, configuration, tokenizer. */
  static void save(Policy policy, Tokenizer tokenizer, Path dir) throws IOException {
    policy.save(dir);
    tokenizer.save(dir);
  }

  /** Says where the run is and what a batch is made of. */
  static void announce(ProgressDisplay display, RunDirectory run, Setup setup) {
    Recipe recipe = setup.recipe();
    int prompts = recipe.rollout().prompts(), group = recipe.rollout().groupSize(), sequences = prompts * group;
    int updates = recipe.schedule().updatesPerBatch(), epochs = recipe.schedule().epochs();
    display.message("run %s".formatted(run.path()));
    display.message("%s on %s: %d prompts × %d samples = %d sequences = %d update%s of %d%s; %d steps, data at most %d versions old when training on it begins"
        .formatted(recipe.method().id(), setup.tasks().name(), prompts, group, sequences, updates, updates == 1 ? "" : "s", sequences / updates,
            epochs == 1 ? "" : ", " + epochs + " times over", recipe.schedule().steps(), recipe.offPolicy().staleness()));
  }
}
