package io.ballast.config;

import io.ballast.objective.Check;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Everything a run is made of, a section a record. A component {@code groupSize} of {@code rollout} is the key
 * {@code rollout.group-size}; a component that may be absent is {@code none} in YAML. The meaning and the default of each key stand in
 * {@code defaults.yaml}.
 */
public record Recipe(
    Model model,
    Choice task,
    Data data,
    Choice verifier,
    WarmStart warmStart,
    Rollout rollout,
    OffPolicy offPolicy,
    Choice method,
    Optimizer optimizer,
    Schedule schedule,
    Eval eval,
    Run run,
    Device device,
    Dtype dtype) {

  public Recipe {
    if (schedule.overlongBuffer != null && schedule.overlongBuffer > rollout.maxNew) {
      throw new IllegalArgumentException("schedule.overlong-buffer must not be above rollout.max-new (%d), got %d"
          .formatted(rollout.maxNew, schedule.overlongBuffer));
    }
    int sequences = rollout.prompts * rollout.groupSize;
    if (sequences % schedule.updatesPerBatch != 0) {
      throw new IllegalArgumentException(
          "schedule.updates-per-batch must divide the batch of %d prompts × %d samples = %d sequences, got %d"
              .formatted(rollout.prompts, rollout.groupSize, sequences, schedule.updatesPerBatch));
    }
  }

  /** Name of the run's folder before date and time. */
  public String runName() {
    if (run.name != null) return run.name;
    String source = !data.given() ? task.id() : data.dataset != null ? data.dataset.name().toLowerCase(Locale.ROOT) : "data";
    return source + "-" + method.id();
  }

  /** Either a checkpoint folder or the shape of a new model, and how it is trained. */
  public record Model(
      @Nullable String path, @Nullable String tokenizer, ModelType type, int layers, int hidden, int heads, int kvHeads, int mlp, boolean tied,
      double initStd, @Nullable String teacher, @Nullable String weakTeacher, Reference reference, boolean activationCheckpointing, Lora lora) {
    public Model {
      Check.atLeast("model.layers", layers, 1);
      Check.atLeast("model.hidden", hidden, 2);
      Check.atLeast("model.heads", heads, 1);
      Check.atLeast("model.kv-heads", kvHeads, 1);
      Check.atLeast("model.mlp", mlp, 1);
      Check.above("model.init-std", initStd, 0);
      if (hidden % heads != 0 || hidden / heads % 2 != 0) {
        throw new IllegalArgumentException("model.hidden must be an even multiple of model.heads (%d), got %d".formatted(heads, hidden));
      }
      if (heads % kvHeads != 0) {
        throw new IllegalArgumentException("model.kv-heads must divide model.heads (%d), got %d".formatted(heads, kvHeads));
      }
    }
  }

  /**
   * How the reference policy follows the trained one.
   *
   * @param syncEvery optimizer steps between moves, 0: it never moves; null: as the method does
   * @param syncShare weight of the trained policy in a move; null: the method's, or the published one
   */
  public record Reference(@Auto @Nullable Integer syncEvery, @Auto @Nullable Double syncShare) {
    public Reference {
      if (syncEvery != null) Check.atLeast("model.reference.sync-every", syncEvery, 0);
      if (syncShare != null) Check.within("model.reference.sync-share", syncShare, 0, 1);
    }
  }

  public enum ModelType { LLAMA, QWEN2, QWEN3 }

  /**
   * @param rank null: all weights are trained
   * @param alpha null: twice the rank
   * @param merge whether checkpoints hold the model with the adapter merged; else their model folder is the adapter's
   */
  public record Lora(@Nullable Integer rank, @Auto @Nullable Double alpha, List<String> targets, boolean merge) {
    public Lora {
      if (rank != null) Check.atLeast("model.lora.rank", rank, 1);
      if (alpha != null) Check.above("model.lora.alpha", alpha, 0);
      targets = List.copyOf(targets);
    }
  }

  /** Examples in files or SQL, in the place of a task; absent unless {@code path} or {@code sql} is there. */
  public record Data(
      @Nullable String path, @Nullable String evalPath, @Nullable String sql, Format format, @Nullable Dataset dataset, @Auto @Nullable String prompt,
      @Auto @Nullable String answer, @Auto @Nullable String solution, List<String> hints, @Nullable String template, boolean chat,
      @Nullable String system, double evalShare, @Nullable Integer longestPrompt, @Nullable Integer longestAnswer) {
    public Data {
      if (path != null && sql != null) throw new IllegalArgumentException("data.path and data.sql both say where the examples are; leave one out");
      if (system != null && !chat) throw new IllegalArgumentException("data.system needs data.chat: true; without it write the text into data.template");
      if (!(evalShare > 0 && evalShare < 1)) {
        throw new IllegalArgumentException("data.eval-share must be above 0 and below 1, got %s".formatted(evalShare));
      }
      if (longestPrompt != null) Check.atLeast("data.longest-prompt", longestPrompt, 1);
      if (longestAnswer != null) Check.atLeast("data.longest-answer", longestAnswer, 1);
      hints = List.copyOf(hints);
    }

    /** Whether the recipe trains on data rather than on a task. */
    public boolean given() {
      return path != null || sql != null;
    }
  }

  public enum Format { AUTO, JSONL, JSON, CSV, PARQUET }

  public enum Dataset { GSM8K, MATH }

  /** Supervised steps on demonstrations before RL. */
  public record WarmStart(int steps, int batch, double learningRate, int warmup) {
    public WarmStart {
      Check.atLeast("warm-start.steps", steps, 0);
      Check.atLeast("warm-start.batch", batch, 1);
      Check.above("warm-start.learning-rate", learningRate, 0);
      Check.atLeast("warm-start.warmup", warmup, 0);
    }
  }

  public record Rollout(
      Engine engine,
      int prompts,
      int groupSize,
      int maxNew,
      double temperature,
      @Nullable Integer topK,
      @Nullable Double topP,
      @Nullable Double minP,
      boolean routingReplay) {
    public Rollout {
      Check.atLeast("rollout.prompts", prompts, 1);
      Check.atLeast("rollout.group-size", groupSize, 1);
      Check.atLeast("rollout.max-new", maxNew, 1);
      Check.above("rollout.temperature", temperature, 0);
      if (topK != null) Check.atLeast("rollout.top-k", topK, 1);
      if (topP != null && !(topP > 0 && topP <= 1)) {
        throw new IllegalArgumentException("rollout.top-p must be above 0 and at most 1, or none, got %s".formatted(topP));
      }
      if (minP != null) Check.within("rollout.min-p", minP, 0, 1);
    }
  }

  public enum Engine { FAST, EXACT }

  public record OffPolicy(Mode mode, int staleness, Choice correction, Replay replay) {
    public OffPolicy {
      Check.atLeast("off-policy.staleness", staleness, 0);
    }
  }

  public enum Mode { SYNC, PIPELINED, ASYNC, REPLAY }

  public record Replay(int capacity, double fraction, int maxReuse) {
    public Replay {
      Check.atLeast("off-policy.replay.capacity", capacity, 1);
      Check.within("off-policy.replay.fraction", fraction, 0, 1);
      Check.atLeast("off-policy.replay.max-reuse", maxReuse, 1);
    }
  }

  /** AdamW with its learning-rate schedule. */
  public record Optimizer(
      double learningRate,
      List<Double> betas,
      double eps,
      double weightDecay,
      int warmup,
      Decay decay,
      double finalShare,
      @Nullable Double gradClip) {
    public Optimizer {
      if (!(learningRate >= 0 && learningRate < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("optimizer.learning-rate must be a finite number of at least 0, got %s".formatted(learningRate));
      }
      if (betas.size() != 2) {
        throw new IllegalArgumentException("optimizer.betas must be two numbers, got %s".formatted(betas));
      }
      for (double beta : betas) {
        if (!(beta >= 0 && beta < 1)) {
          throw new IllegalArgumentException("optimizer.betas must be two numbers in [0, 1), got %s".formatted(betas));
        }
      }
      Check.above("optimizer.eps", eps, 0);
      Check.within("optimizer.weight-decay", weightDecay, 0, Double.MAX_VALUE);
      Check.atLeast("optimizer.warmup", warmup, 0);
      Check.within("optimizer.final-share", finalShare, 0, 1);
      if (gradClip != null) Check.above("optimizer.grad-clip", gradClip, 0);
      betas = List.copyOf(betas);
    }
  }

  public enum Decay { CONSTANT, LINEAR, COSINE }

  /**
   * @param microBatch sequences that methods with a rule per micro-batch see at once
   * @param overlongBuffer 0: none; null: as the method does
   */
  public record Schedule(
      int steps,
      int updatesPerBatch,
      int epochs,
      int microBatch,
      Toggle dynamicSampling,
      int dynamicSamplingRounds,
      @Auto @Nullable Integer overlongBuffer,
      double overlongPenalty) {
    public Schedule {
      Check.atLeast("schedule.steps", steps, 0);
      Check.atLeast("schedule.updates-per-batch", updatesPerBatch, 1);
      Check.atLeast("schedule.epochs", epochs, 1);
      Check.atLeast("schedule.micro-batch", microBatch, 1);
      Check.atLeast("schedule.dynamic-sampling-rounds", dynamicSamplingRounds, 1);
      if (overlongBuffer != null) Check.atLeast("schedule.overlong-buffer", overlongBuffer, 0);
      Check.within("schedule.overlong-penalty", overlongPenalty, 0, Double.MAX_VALUE);
    }
  }

  /** AUTO: as the method does. */
  public enum Toggle { AUTO, ON, OFF }

  public record Eval(@Nullable Integer every, int prompts) {
    public Eval {
      if (every != null) Check.atLeast("eval.every", every, 1);
      Check.atLeast("eval.prompts", prompts, 1);
    }
  }

  /** @param threads null: as many as the machine has cores */
  public record Run(
      @Nullable String name,
      long seed,
      @Nullable Integer checkpointEvery,
      int keep,
      boolean deterministic,
      @Auto @Nullable Integer threads,
      @Nullable Integer logRollouts) {
    public Run {
      if (name != null && !name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
        throw new IllegalArgumentException(
            "run.name must be letters, digits, '.', '_' or '-' (it names a folder), got '%s'".formatted(name));
      }
      if (checkpointEvery != null) Check.atLeast("run.checkpoint-every", checkpointEvery, 1);
      Check.atLeast("run.keep", keep, 1);
      if (threads != null) Check.atLeast("run.threads", threads, 1);
      if (logRollouts != null) Check.atLeast("run.log-rollouts", logRollouts, 1);
    }
  }

  public enum Device { CPU, CUDA }

  public enum Dtype { FP32, BF16 }
}
