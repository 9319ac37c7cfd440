package io.ballast.train;

import io.ballast.advantage.DynamicSampling;
import io.ballast.advantage.OverlongPenalty;
import io.ballast.config.Recipe;
import io.ballast.ledger.ProgressDisplay;
import io.ballast.ledger.RunDirectory;
import io.ballast.method.Supply;
import io.ballast.model.AdamW;
import io.ballast.model.Policy;
import io.ballast.objective.Column;
import io.ballast.sample.Generator;
import io.ballast.sample.Numerics;
import io.ballast.sample.Sampling;
import io.ballast.tensor.DType;
import io.ballast.verify.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Reinforcement learning from a starting policy to the last step: sample, train, measure, record, save. */
final class ReinforcementPhase {
  private final Setup setup;
  private final Recipe recipe;
  private final Policy policy;
  private final RunDirectory run;
  private final ProgressDisplay display;
  private final BooleanSupplier interrupted;
  private final Schedule schedule;
  private final Map<Integer, Double> passes = new TreeMap<>();

  ReinforcementPhase(Setup setup, Policy policy, RunDirectory run, ProgressDisplay display, BooleanSupplier interrupted) {
    this.setup = setup;
    this.recipe = setup.recipe();
    this.policy = policy;
    this.run = run;
    this.display = display;
    this.interrupted = interrupted;
    this.schedule = new Schedule(recipe.schedule().steps(), recipe.schedule().updatesPerBatch(), recipe.schedule().epochs(),
        recipe.offPolicy().mode() == Recipe.Mode.REPLAY ? 0 : recipe.offPolicy().staleness());
  }

  Summary run(Optional<Path> checkpoint) {
    try (AdamW optimizer = Phase.optimizer(policy, recipe.optimizer());
        Generator generator = new Generator(policy);
        Companions companions = Companions.of(setup, policy, checkpoint);
        SamplerThread thread = pace() == BatchSource.Pace.AT_ONCE ? null : new SamplerThread(policy)) {
      Answers answers = thread == null ? answers(generator, policy, companions) : answers(thread.generator(), thread.snapshot(), companions);
      var source = new BatchSource(schedule, new Prompts(setup.tasks().training(), recipe.run().seed()), answers, sourceSettings(), pace(),
          thread == null ? BatchSource.Beside.NONE : thread);
      var evaluator = new Evaluator(generator, setup.tokenizer(), setup.verifier(), sampling(true), heldOut(), recipe.rollout().maxNew());
      Learner learner = learner(generator, optimizer, companions);
      Batch current = null;
      int done = 0;
      if (checkpoint.isPresent()) {
        TrainerState state = read(checkpoint.get());
        done = state.step();
        passes.putAll(state.passes());
        Phase.load(optimizer, checkpoint.get());
        learner.remember(state.memory());
        current = source.restore(state.batches(), !schedule.opensBatch(done));
        run.rewind(done);
        run.events().resumed(done, Map.of());
      } else {
        run.rewind(-1);
        run.events().started(Map.of("method", recipe.method().id(), "task", setup.tasks().name()));
        display.phase(title(), 0, schedule.steps());
        opening(evaluator);
        if (schedule.steps() == 0) save(new TrainerState(0, passes, learner.memory(), source.state(null)), optimizer, companions);
      }
      loop(source, learner, optimizer, evaluator, companions, current, done);
      return finish(evaluator);
    }
  }

  private void loop(BatchSource source, Learner learner, AdamW optimizer, Evaluator evaluator, Companions companions, @Nullable Batch current,
      int done) {
    display.phase(title(), done, schedule.steps());
    for (int version = done; version < schedule.steps(); version++) {
      int step = version + 1;
      long began = System.nanoTime();
      if (schedule.opensBatch(version)) {
        current = learner.open(source.open(version, (batch, upTo) -> {
          if (upTo - batch > 1) display.message("sampling batch %d of %d ahead of the first update".formatted(batch + 1, upTo));
        }), version);
      }
      source.ahead(version);
      List<Trajectory> part = part(current, version);
      Learner.Update update = learner.update(part, step);
      Batch unfinished = schedule.opensBatch(step) ? null : current;
      if (companions.keepsSamplers()) companions.release(source.state(unfinished).versions());
      Map<String, Double> line = StepMetrics.of(step, version, part, current.dropped(), update);
      double seconds = (System.nanoTime() - began) / 1e9;
      line.put("seconds", seconds);
      line.put("tokens-per-second", update.batch().tokens() / seconds);
      if (evaluates(step)) evaluate(evaluator, step, line);
      run.metrics().append(step, line);
      Integer log = recipe.run().logRollouts();
      if (log != null && (step % log == 0 || step == 1 || step == schedule.steps())) {
        run.writeRollouts(step, Rendering.of(part, update, setup.tokenizer()));
      }
      display.step(step, line);
      boolean stop = interrupted.getAsBoolean() && step < schedule.steps();
      Integer every = recipe.run().checkpointEvery();
      if (stop || step == schedule.steps() || every != null && step % every == 0) {
        var state = new TrainerState(step, passes, learner.memory(), source.state(unfinished));
        save(state, optimizer, companions);
      }
      if (stop) throw new InterruptedRunException("%d".formatted(schedule.steps()), step, run.checkpoints().folder(step));
    }
  }

  /** The trajectories of one update: the batch's groups in an order of their own every epoch, cut into equal parts. */
  private List<Trajectory> part(Batch batch, int version) {
    if (schedule.updates() == 1) return batch.trajectories();
    List<List<Trajectory>> groups = BatchSource.groups(batch.trajectories());
    int[] order = Mixing.permutation(groups.size(), recipe.run().seed(), batch.number(), 2 + schedule.epochAt(version));
    List<Trajectory> all = Arrays.stream(order).boxed().flatMap(g -> groups.get(g).stream()).toList();
    int part = schedule.partAt(version), parts = schedule.updatesPerBatch();
    return all.subList(all.size() * part / parts, all.size() * (part + 1) / parts);
  }

  private void opening(Evaluator evaluator) {
    Map<String, Double> line = new java.util.LinkedHashMap<>();
    line.put("step", 0.0);
    line.put("policy-version", 0.0);
    evaluate(evaluator, 0, line);
    run.metrics().append(0, line);
    display.step(0, line);
  }

  private boolean evaluates(int step) {
    Integer every = recipe.eval().every();
    return step == schedule.steps() || every != null && step % every == 0;
  }

  private void evaluate(Evaluator evaluator, int step, Map<String, Double> line) {
    Evaluator.Result result = evaluator.run();
    passes.put(step, result.passAt1());
    line.put("pass-at-1", result.passAt1());
  }

  private void save(TrainerState state, AdamW optimizer, Companions companions) {
    int best = passes.entrySet().stream().filter(entry -> entry.getKey() > 0).max(Map.Entry.comparingByValue()).map(Map.Entry::getKey).orElse(state.step());
    run.checkpoint(state.step(), recipe.run().keep(), java.util.OptionalLong.of(best), folder -> {
      Phase.save(setup, policy, folder);
      optimizer.save(folder.resolve(Phase.OPTIMIZER));
      companions.save(folder);
      state.write(folder);
    });
  }

  private Summary finish(Evaluator evaluator) {
    int steps = schedule.steps();
    if (!run.checkpoints().steps().contains((long) steps)) throw new IllegalStateException("the last step %d left no checkpoint".formatted(steps));
    double first = passes.get(0), last = passes.get(steps);
    String model = "The model is in %s.".formatted(run.checkpoints().folder(steps).resolve(Phase.MODEL));
    String text = steps == 0
        ? String.format(Locale.ROOT, "Held-out pass@1 (greedy, %d prompts) is %s; no step was taken. %s", evaluator.prompts(), Summary.percent(first), model)
        : String.format(Locale.ROOT, "Held-out pass@1 (greedy, %d prompts) went from %s %s to %s after %d steps of %s: %+.1f points, on data up to %d versions old. %s",
            evaluator.prompts(), Summary.percent(first), recipe.warmStart().steps() > 0 ? "after the warm start" : "at the start",
            Summary.percent(last), steps, recipe.method().id(), 100 * (last - first), recipe.offPolicy().staleness(), model);
    run.events().finished(steps, text);
    return new Summary(steps, first, last, run.checkpoints().folder(steps), text);
  }

  private String title() {
    return recipe.method().id() + " on " + setup.tasks().name();
  }

  private Learner learner(Generator generator, AdamW optimizer, Companions companions) {
    var critic = new Critic(CRITIC_LEARNING_RATE);
    double temperature = recipe.rollout().temperature();
    var columns = new TokenColumns(Set.copyOf(setup.method().columns()), policy, companions, setup.method().supply().power(), critic, temperature,
        new SentenceNumbers(setup.tokenizer()));
    Learner.Scorer scorer = recipe.rollout().engine() == Recipe.Engine.EXACT
        ? rows -> generator.score(rows, temperature, Numerics.EXACT) : rows -> policy.score(rows, temperature);
    return new Learner(policy, scorer, optimizer, setup.method(), columns, companions, critic, Corrected.by(recipe, setup.method()), learningRate(),
        new Learner.Settings(temperature, Phase.gradClip(recipe.optimizer()), recipe.rollout().maxNew(), recipe.schedule().microBatch()),
        setup.method().columns().contains(Column.EXPERT) ? this::expert : null);
  }

  /** The task's demonstration for the prompt of an answer. */
  private Trajectory expert(Trajectory answer) {
    String text = setup.tasks().demonstration(new Task(answer.task(), answer.prompt(), answer.gold()), Mixing.bits(recipe.run().seed(), 20, answer.group()));
    int[] written = setup.tokenizer().encode(text);
    int[] tokens = Arrays.copyOf(written, written.length + 1);
    tokens[written.length] = setup.tokenizer().eos();
    var estimate = new Trajectory.Estimate(new double[tokens.length], new double[tokens.length]);
    return new Trajectory(answer.group(), -1, answer.task(), answer.prompt(), answer.gold(), text, answer.promptTokens(), tokens, new float[tokens.length],
        new int[tokens.length], true, "expert", "", "", 0, answer.parts(), Map.of(), null, estimate);
  }

  /** When answers are written, by the recipe's mode. */
  private BatchSource.Pace pace() {
    return switch (recipe.offPolicy().mode()) {
      case SYNC, REPLAY -> BatchSource.Pace.AT_ONCE;
      case PIPELINED -> BatchSource.Pace.BESIDE;
      case ASYNC -> BatchSource.Pace.SPREAD;
    };
  }

  /** @param policy the one that the generator samples with */
  private Answers answers(Generator generator, Policy policy, Companions companions) {
    Supply supply = setup.method().supply();
    var rollouts = new Rollouts(generator, setup.tokenizer(), setup.verifier(), sampling(false), recipe.rollout().groupSize(), recipe.rollout().maxNew(),
        new RollIns(supply.rollIn(), setup.tasks(), setup.verifier(), setup.tokenizer(), recipe.rollout().maxNew(), recipe.run().seed()),
        knownWhereSampled(), recipe.rollout().routingReplay(), overlong());
    var recorded = new RecordedAnswers(rollouts, policy, recipe.rollout().temperature(), Set.copyOf(setup.method().columns()), supply.hot(), supply.cold(),
        tasks -> new Evaluator(generator, setup.tokenizer(), setup.verifier(), sampling(true), tasks, recipe.rollout().maxNew()).scores());
    return (tasks, firstVisit, version, begun, share) -> {
      companions.sampling(version);
      return recorded.write(tasks, firstVisit, version, begun, share);
    };
  }

  /** Fresh answers whose log-probabilities training would compute again the same: to the bit in the exact engine, within 1e-5 in fp32. */
  private boolean knownWhereSampled() {
    return recipe.offPolicy().staleness() == 0 && (recipe.rollout().engine() == Recipe.Engine.EXACT || policy.dtype() == DType.FP32);
  }

  private @Nullable OverlongPenalty overlong() {
    Integer asked = recipe.schedule().overlongBuffer();
    int limit = recipe.rollout().maxNew();
    int buffer = asked != null ? asked : setup.includes(OverlongPenalty.PART) ? (int) Math.round(OverlongPenalty.BUFFER_SHARE * limit) : 0;
    return buffer == 0 ? null : new OverlongPenalty(limit, buffer, recipe.schedule().overlongPenalty());
  }

  private Sampling sampling(boolean greedy) {
    Recipe.Rollout rollout = recipe.rollout();
    return new Sampling(rollout.temperature(), rollout.topK() == null ? 0 : rollout.topK(), rollout.topP() == null ? 1 : rollout.topP(),
        rollout.minP() == null ? 0 : rollout.minP(), greedy, recipe.run().seed(), Set.copyOf(setup.tokenizer().stops()), Numerics.valueOf(rollout.engine().name()));
  }

  private BatchSource.Settings sourceSettings() {
    Recipe.OffPolicy off = recipe.offPolicy();
    boolean replay = off.mode() == Recipe.Mode.REPLAY;
    boolean dynamic = recipe.schedule().dynamicSampling() == Recipe.Toggle.ON
        || recipe.schedule().dynamicSampling() == Recipe.Toggle.AUTO && setup.includes(DynamicSampling.PART);
    int rounds = dynamic ? recipe.schedule().dynamicSamplingRounds() : 1;
    return new BatchSource.Settings(recipe.rollout().prompts(), rounds, replay ? (int) Math.round(off.replay().fraction() * recipe.rollout().prompts()) : 0,
        Math.max(1, off.replay().capacity() / recipe.rollout().groupSize()), off.replay().maxReuse(), off.staleness(), recipe.run().seed());
  }

  /** Refuses what cannot be trained, before anything is. */
  static void check(Setup setup) {
    Recipe recipe = setup.recipe();
    checkAhead(setup);
    Corrected.by(recipe, setup.method());
    if (recipe.rollout().engine() == Recipe.Engine.EXACT && recipe.device() == Recipe.Device.CUDA) {
      throw new IllegalArgumentException("rollout.engine exact computes on a CPU only; set rollout.engine: fast, or device: cpu");
    }
    if (recipe.rollout().groupSize() == 1 && setup.method().advantages().comparesAnswers()) {
      throw new IllegalArgumentException(("rollout.group-size is 1, yet method %s measures an answer against the others to its prompt: every advantage would "
          + "be 0; set it to 2 or more, or take reinforce-pp or remax").formatted(recipe.method().id()));
    }
    TokenColumns.check(setup.method().columns());
    teacher(setup, Column.TEACHER_LOGP, "model.teacher", recipe.model().teacher());
    teacher(setup, Column.WEAK_TEACHER_LOGP, "model.weak-teacher", recipe.model().weakTeacher());
    if (setup.tasks().training().size() < 1) throw new IllegalArgumentException("the training data of %s is empty".formatted(setup.tasks().name()));
    if (setup.tasks().heldOut().size() < 1) throw new IllegalArgumentException("the held-out data of %s is empty".formatted(setup.tasks().name()));
  }

  /** What sampling beside training cannot do. */
  private static void checkAhead(Setup setup) {
    Recipe recipe = setup.recipe();
    Recipe.Mode mode = recipe.offPolicy().mode();
    if (mode != Recipe.Mode.PIPELINED && mode != Recipe.Mode.ASYNC) return;
    String name = "off-policy.mode " + mode.name().toLowerCase(Locale.ROOT);
    int updates = recipe.schedule().updatesPerBatch() * recipe.schedule().epochs();
    if (recipe.offPolicy().staleness() < updates) {
      throw new IllegalArgumentException(("%s samples the next batch while this one is trained on, so its data are %d version%s old; set off-policy.staleness "
          + "to %d or more, got %d, or off-policy.mode: sync").formatted(name, updates, updates == 1 ? "" : "s", updates, recipe.offPolicy().staleness()));
    }
    if (setup.adapts()) {
      throw new IllegalArgumentException(name + " samples with a copy of all weights and does not copy adapters; set model.lora.rank: none, or off-policy.mode: sync");
    }
    List<String> columns = setup.method().columns();
    if (columns.contains(Column.KL_OLD)) {
      throw new IllegalArgumentException(("%s keeps no whole version of the sampler, and method %s compares distributions with it (column %s); set "
          + "off-policy.mode: sync").formatted(name, recipe.method().id(), Column.KL_OLD));
    }
    if (mode == Recipe.Mode.PIPELINED) return;
    columns.stream().filter(RecordedAnswers.COLUMNS::contains).sorted().findFirst().ifPresent(column -> {
      throw new IllegalArgumentException(("%s lets several versions write one answer, and method %s asks the one that wrote it (column %s); set "
          + "off-policy.mode: pipelined or sync").formatted(name, recipe.method().id(), column));
    });
  }

  private static void teacher(Setup setup, String column, String key, @Nullable String folder) {
    if (!setup.method().columns().contains(column)) return;
    String method = setup.recipe().method().id();
    if (folder == null) throw new IllegalArgumentException("method %s learns from a teacher (column %s); set %s to its checkpoint folder".formatted(method, column, key));
    if (!Files.isDirectory(Path.of(folder))) throw new IllegalArgumentException("%s %s is no folder".formatted(key, folder));
    int known = Setup.config(key, folder).vocabSize(), read = setup.tokenizer().size();
    if (known < read) {
      throw new IllegalArgumentException("%s %s knows %d tokens, the policy's tokenizer has %d; a teacher has to read the same tokens"
          .formatted(key, folder, known, read));
    }
  }

  private LearningRate learningRate() {
    Recipe.Optimizer o = recipe.optimizer();
    return new LearningRate(o.learningRate(), o.warmup(), o.decay(), o.finalShare(), schedule.steps());
  }

  private List<Task> heldOut() {
    var source = setup.tasks().heldOut();
    return LongStream.range(0, Math.min(source.size(), recipe.eval().prompts())).mapToObj(source::at).toList();
  }

  /** A critic has to keep up with the policy on a linear head: two hundred times the policy's usual rate does. */
  private static final double CRITIC_LEARNING_RATE = 1e-2;

  private static TrainerState read(Path checkpoint) {
    try {
      return TrainerState.read(checkpoint);
    } catch (IOException e) {
      throw new UncheckedIOException("checkpoint %s cannot be read: %s".formatted(checkpoint, e.getMessage()), e);
    }
  }
}
