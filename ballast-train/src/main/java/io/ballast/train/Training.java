package io.ballast.train;

import io.ballast.config.Recipe;
import io.ballast.config.RecipeException;
import io.ballast.config.ResolvedRecipe;
import io.ballast.data.FileTasks;
import io.ballast.ledger.Json;
import io.ballast.ledger.ProgressDisplay;
import io.ballast.ledger.Report;
import io.ballast.ledger.RunDirectory;
import io.ballast.method.Assembly;
import io.ballast.model.Policy;
import io.ballast.verify.Task;
import io.ballast.verify.Verifier;
import io.ballast.verify.task.TaskFamily;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A run: warm start where the recipe has one, then reinforcement learning, all of it written to a run directory from which it can go on
 * after any interruption.
 *
 * <pre>{@code
 * var summary = Training.of(recipe).verifier(mine).run(run);
 * }</pre>
 *
 * What the recipe names can be replaced by values of one's own: tasks, the verifier, the method.
 */
public final class Training {
  private final ResolvedRecipe resolved;
  private final Recipe recipe;
  private @Nullable TaskFamily tasks;
  private @Nullable Verifier verifier;
  private @Nullable Assembly method;
  private ProgressDisplay display = new ProgressDisplay(System.err, false, 100);
  private BooleanSupplier interrupted = () -> false;

  private Training(ResolvedRecipe resolved) {
    this.resolved = resolved;
    this.recipe = resolved.recipe();
  }

  public static Training of(ResolvedRecipe recipe) {
    return new Training(recipe);
  }

  /** Prompts, gold answers and demonstrations in the place of the recipe's task. */
  public Training tasks(TaskFamily own) {
    tasks = own;
    return this;
  }

  /** Checks answers in the place of the task's verifier. */
  public Training verifier(Verifier own) {
    verifier = own;
    return this;
  }

  /** Objective and advantages in the place of the recipe's method. */
  public Training method(Assembly own) {
    method = own;
    return this;
  }

  /** Where progress is shown; plain lines on stderr unless set. */
  public Training display(ProgressDisplay own) {
    display = own;
    return this;
  }

  /** Asked after every step; once true, the run writes a checkpoint and ends with {@link InterruptedRunException}. */
  public Training interruptedBy(BooleanSupplier asked) {
    interrupted = asked;
    return this;
  }

  /**
   * Runs to the end, from the newest complete checkpoint in the folder if there is one.
   *
   * @throws InterruptedRunException if asked to stop
   * @throws IllegalArgumentException if recipe and data do not fit together
   */
  public Summary run(RunDirectory run) {
    Setup setup = onDevice(setup());
    var facts = new RunFacts(resolved, setup);
    Optional<Path> checkpoint = run.checkpoints().open();
    facts.record(run, checkpoint);
    Phase.announce(display, run, setup);
    try (Policy policy = startingPolicy(setup, run, checkpoint, facts)) {
      var phase = new ReinforcementPhase(setup, policy, run, display, interrupted);
      Summary summary = phase.run(checkpoint);
      Report.write(run.path());
      return summary;
    } catch (InterruptedRunException e) {
      if (run.metrics().last() >= 0) Report.write(run.path());
      throw e;
    } catch (RuntimeException e) {
      run.events().failed(run.metrics().last(), String.valueOf(e.getMessage()));
      throw e;
    }
  }

  /** The supervised phase alone, written to the run folder itself. */
  public Summary warmStartOnly(RunDirectory run) {
    if (recipe.warmStart().steps() == 0) {
      throw new RecipeException("warm-start.steps is 0, so there is nothing to do; say how many, for example --set warm-start.steps=200");
    }
    Setup setup = onDevice(setup());
    var facts = new RunFacts(resolved, setup);
    facts.record(run, run.checkpoints().open());
    Phase.announceData(display, run, setup);
    try (Policy policy = new SupervisedPhase(setup, run, display, interrupted).run()) {
      Path last = run.checkpoints().folder(recipe.warmStart().steps());
      String text = "Imitated demonstrations for %d steps; the model is in %s.".formatted(recipe.warmStart().steps(), last.resolve(Phase.MODEL));
      run.events().finished(recipe.warmStart().steps(), text);
      Report.write(run.path());
      return new Summary(recipe.warmStart().steps(), null, null, last, text);
    } catch (RuntimeException e) {
      if (!(e instanceof InterruptedRunException)) run.events().failed(run.metrics().last(), String.valueOf(e.getMessage()));
      throw e;
    }
  }

  /**
   * What the recipe's data come to, for a look before anything is trained; empty for a recipe on a task.
   *
   * @throws IllegalArgumentException if recipe and data do not fit together
   */
  public List<String> describe() {
    if (!recipe.data().given()) return List.of();
    Setup setup = setup();
    if (!(setup.tasks() instanceof FileTasks data)) return List.of();
    Task first = data.training().at(0);
    List<String> lines = new ArrayList<>(List.of(data.summary(), "their hash (SHA-256): " + RunFacts.hash(data),
        "longest: prompt %d tokens, solution %d tokens".formatted(data.longestPrompt(), data.longestAnswer()),
        "first prompt: " + Json.text(first.prompt()), "expected answer: " + Json.text(first.gold()), "to imitate: " + Json.text(data.demonstration(first, 0))));
    Phase.doubt(setup, data).ifPresent(text -> lines.add("warning: " + text));
    return lines;
  }

  /** What does not fit together shows here, before anything is trained. */
  private Setup setup() {
    if (recipe.run().threads() != null) {
      System.setProperty("ballast.threads", String.valueOf(recipe.run().threads()));
    }
    try {
      Setup setup = Setup.of(recipe, tasks, verifier, method);
      ReinforcementPhase.check(setup);
      return setup;
    } catch (RecipeException e) {
      throw e;
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw new RecipeException(e.getMessage());
    }
  }

  private Setup onDevice(Setup setup) {
    try {
      setup.device().usable();
    } catch (IllegalArgumentException e) {
      throw new RecipeException(e.getMessage());
    }
    if (recipe.run().deterministic()) setup.device().deterministic();
    return setup;
  }

  private Policy startingPolicy(Setup setup, RunDirectory run, Optional<Path> checkpoint, RunFacts facts) {
    if (checkpoint.isPresent()) return setup.restored(checkpoint.get());
    if (recipe.warmStart().steps() == 0) return setup.newPolicy();
    try (RunDirectory warmStart = run.warmStart()) {
      facts.record(warmStart, warmStart.checkpoints().open());
      return new SupervisedPhase(setup, warmStart, display, interrupted).run();
    }
  }
}
