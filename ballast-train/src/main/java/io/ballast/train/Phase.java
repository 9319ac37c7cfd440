package io.ballast.train;

import io.ballast.config.Recipe;
import io.ballast.data.FileTasks;
import io.ballast.ledger.ProgressDisplay;
import io.ballast.ledger.RunDirectory;
import io.ballast.model.AdamW;
import io.ballast.model.Policy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** What the supervised and the reinforcement phase share: names within a checkpoint, optimizer settings, the opening words. */
final class Phase {
  private Phase() {}

  static final String MODEL = "model", ADAPTER = "adapter", OPTIMIZER = "optimizer.safetensors";

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

  /**
   * A model folder that every tool loads: weights, configuration, tokenizer. Where an adapter is trained, it lies beside the model it is merged
   * into, in PEFT's layout; where it is not merged, the model folder is the adapter's.
   */
  static void save(Setup setup, Policy policy, Path checkpoint) throws IOException {
    if (!setup.adapts() || setup.recipe().model().lora().merge()) {
      policy.save(checkpoint.resolve(MODEL));
      setup.tokenizer().save(checkpoint.resolve(MODEL));
    }
    if (!setup.adapts()) return;
    String base = setup.recipe().model().path();
    Path adapter = adapter(setup, checkpoint);
    policy.saveAdapter(adapter, base == null ? "" : Path.of(base).toAbsolutePath().normalize().toString());
    setup.tokenizer().save(adapter);
  }

  /** Where a checkpoint keeps its adapter. */
  static Path adapter(Setup setup, Path checkpoint) {
    return checkpoint.resolve(setup.recipe().model().lora().merge() ? ADAPTER : MODEL);
  }

  /** Says where the run is and what a batch is made of. */
  static void announce(ProgressDisplay display, RunDirectory run, Setup setup) {
    Recipe recipe = setup.recipe();
    int prompts = recipe.rollout().prompts(), group = recipe.rollout().groupSize(), sequences = prompts * group;
    int updates = recipe.schedule().updatesPerBatch(), epochs = recipe.schedule().epochs();
    announceData(display, run, setup);
    display.message("%s on %s: %d prompts × %d samples = %d sequences = %d update%s of %d%s; %d steps, data at most %d versions old when training on it begins"
        .formatted(recipe.method().id(), setup.tasks().name(), prompts, group, sequences, updates, updates == 1 ? "" : "s", sequences / updates,
            epochs == 1 ? "" : ", " + epochs + " times over", recipe.schedule().steps(), recipe.offPolicy().staleness()));
  }

  /** Says where the run is and, for data, what was read. */
  static void announceData(ProgressDisplay display, RunDirectory run, Setup setup) {
    display.message("run %s".formatted(run.path()));
    if (setup.tasks() instanceof FileTasks data) display.message(data.summary());
  }
}
