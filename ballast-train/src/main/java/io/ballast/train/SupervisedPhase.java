package io.ballast.train;

import io.ballast.config.Recipe;
import io.ballast.ledger.ProgressDisplay;
import io.ballast.ledger.RunDirectory;
import io.ballast.model.AdamW;
import io.ballast.model.Policy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/** The supervised warm start, with checkpoints of its own. Its only state besides weights and moments is the number of steps done. */
final class SupervisedPhase {
  private static final String STEP = "step";
  private static final int KEEP = 1;

  private final Setup setup;
  private final RunDirectory run;
  private final ProgressDisplay display;
  private final BooleanSupplier interrupted;

  SupervisedPhase(Setup setup, RunDirectory run, ProgressDisplay display, BooleanSupplier interrupted) {
    this.setup = setup;
    this.run = run;
    this.display = display;
    this.interrupted = interrupted;
  }

  /** Runs what is left of it; returns the policy it ends with, which the caller owns. */
  Policy run() {
    Recipe.WarmStart settings = setup.recipe().warmStart();
    Optional<Path> checkpoint = run.checkpoints().open();
    int done = checkpoint.isEmpty() ? 0 : Math.toIntExact(run.checkpoints().newest().getAsLong());
    Policy policy = checkpoint.isEmpty() ? setup.newPolicy() : setup.restored(checkpoint.get());
    try {
      run.rewind(done);
      if (done < settings.steps()) train(policy, checkpoint, done, settings);
      return policy;
    } catch (RuntimeException e) {
      policy.close();
      throw e;
    }
  }

  private void train(Policy policy, Optional<Path> checkpoint, int done, Recipe.WarmStart settings) {
    Recipe recipe = setup.recipe();
    try (AdamW optimizer = Phase.optimizer(policy, recipe.optimizer())) {
      checkpoint.ifPresent(path -> Phase.load(optimizer, path));
      if (done == 0) run.events().started(Map.of());
      else run.events().resumed(done, Map.of());
      var rate = new LearningRate(settings.learningRate(), settings.warmup(), Recipe.Decay.COSINE, 0.1, settings.steps());
      var warmStart = new WarmStart(policy, optimizer, setup.tokenizer(), setup.tasks(), rate, settings.batch(), Phase.gradClip(recipe.optimizer()),
          recipe.run().seed());
      display.phase("warm start", done, settings.steps());
      for (int step = done + 1; step <= settings.steps(); step++) {
        long began = System.nanoTime();
        WarmStart.Step result = warmStart.step(step);
        double seconds = (System.nanoTime() - began) / 1e9;
        Map<String, Double> line = new LinkedHashMap<>();
        line.put("step", (double) step);
        line.put("seconds", seconds);
        line.put("tokens-per-second", result.tokens() / seconds);
        line.put("loss", result.loss());
        line.put("entropy", result.entropy());
        line.put("grad-norm", result.gradNorm());
        line.put("learning-rate", result.learningRate());
        run.metrics().append(step, line);
        display.step(step, line);
        boolean stop = interrupted.getAsBoolean();
        Integer every = recipe.run().checkpointEvery();
        if (stop || step == settings.steps() || every != null && step % every == 0) save(policy, optimizer, step);
        if (stop) throw new InterruptedRunException("the warm start", step, run.checkpoints().folder(step));
      }
    }
  }

  private void save(Policy policy, AdamW optimizer, int step) {
    run.checkpoint(step, KEEP, OptionalLong.empty(), folder -> {
      Phase.save(setup, policy, folder);
      optimizer.save(folder.resolve(Phase.OPTIMIZER));
      Files.writeString(folder.resolve(STEP), step + "\n");
    });
  }
}
