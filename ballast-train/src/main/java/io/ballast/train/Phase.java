package io.ballast.train;

import io.ballast.config.Recipe;
import io.ballast.data.FileTasks;
import io.ballast.ledger.ProgressDisplay;
import io.ballast.ledger.RunDirectory;
import io.ballast.model.AdamW;
import io.ballast.model.Policy;
import io.ballast.verify.Excerpt;
import io.ballast.verify.Task;
import io.ballast.verify.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/** What the supervised and the reinforcement phase share: names within a checkpoint, optimizer settings, the opening words. */
final class Phase {
  private Phase() {}

  /** Examples that are checked before anything is trained. */
  private static final int LOOKED_AT = 8;

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
    if (!(setup.tasks() instanceof FileTasks data)) return;
    display.message(data.summary());
    doubt(setup, data).ifPresent(text -> {
      display.message("warning: " + text);
      run.events().warning(text);
    });
  }

  /**
   * What is wrong with checker and data together, if the first solutions (or expected answers, where nothing is imitated) do not pass: an
   * answer like them would have no reward, and a run without rewards looks like a model that learns nothing.
   */
  static Optional<String> doubt(Setup setup, FileTasks data) {
    boolean imitated = setup.recipe().warmStart().steps() > 0 || setup.recipe().data().solution() != null;
    int count = (int) Math.min(LOOKED_AT, data.training().size()), failed = 0;
    String first = "";
    for (int i = 0; i < count; i++) {
      Task task = data.training().at(i);
      Verdict verdict = imitated ? setup.verifier().verify(task.gold(), data.demonstration(task, 0)) : setup.verifier().lint(task.gold());
      if (verdict instanceof Verdict.Right) continue;
      if (failed++ == 0) first = "%s: %s".formatted(Excerpt.of(imitated ? data.demonstration(task, 0) : task.gold()), verdict.reason());
    }
    if (2 * failed <= count) return Optional.empty();
    return Optional.of("the checker does not accept %d of the first %d %s of the data, so answers like them will have no reward; choose another verifier or its settings. The first, %s"
        .formatted(failed, count, imitated ? "solutions" : "expected answers", first));
  }
}
