package io.ballast.train;

import io.ballast.config.Recipe;
import io.ballast.data.FileTasks;
import io.ballast.method.Assembly;
import io.ballast.method.Method;
import io.ballast.method.Methods;
import io.ballast.model.Architecture;
import io.ballast.model.Lora;
import io.ballast.model.ModelConfig;
import io.ballast.model.Policy;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import io.ballast.text.Tokenizer;
import io.ballast.verify.Verifier;
import io.ballast.verify.Verifiers;
import io.ballast.verify.task.TaskFamily;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a recipe names, made: tasks, tokenizer, policy, method. */
record Setup(Recipe recipe, TaskFamily tasks, Verifier verifier, Tokenizer tokenizer, Assembly method, List<String> parts) {

  static Setup of(Recipe recipe, @Nullable TaskFamily tasks, @Nullable Verifier verifier, @Nullable Assembly method) {
    lora(recipe.model());
    Examples examples = Examples.of(recipe, tasks);
    Method named = Methods.named(recipe.method().id());
    Assembly assembly = method != null ? method : named.assemble(recipe.method().settings());
    var setup = new Setup(recipe, examples.tasks(), verifier != null ? verifier : verifier(recipe, examples.tasks()), examples.tokenizer(), assembly,
        method != null ? List.of() : named.parts());
    if (recipe.model().path() != null) setup.fits();
    return setup;
  }

  private static Verifier verifier(Recipe recipe, TaskFamily family) {
    return recipe.verifier().id().equals("auto") ? family.verifier() : Verifiers.named(recipe.verifier().id(), recipe.verifier().settings());
  }

  /** Refuses examples that are longer than the checkpoint's context, before anything is loaded. */
  private void fits() {
    if (!(tasks instanceof FileTasks)) return;
    int context = config("model.path", recipe.model().path()).maxPositions(), prompt = tasks.longestPrompt(), room = context - recipe.rollout().maxNew();
    if (prompt > room) {
      throw new IllegalArgumentException(("the longest prompt has %d tokens, and with rollout.max-new %d it is longer than the model's context of %d; set "
          + "data.longest-prompt to %d or lower rollout.max-new").formatted(prompt, recipe.rollout().maxNew(), context, Math.max(1, room)));
    }
    int whole = prompt + tasks.longestAnswer() + 1;
    if (recipe.warmStart().steps() > 0 && whole > context) {
      throw new IllegalArgumentException(("the longest prompt and the longest solution have %d tokens together, the model's context is %d; set "
          + "data.longest-prompt and data.longest-answer").formatted(whole, context));
    }
  }

  /**
   * What a checkpoint says about itself.
   *
   * @param key of the recipe that names the folder
   */
  static ModelConfig config(String key, String folder) {
    try {
      return ModelConfig.read(Path.of(folder));
    } catch (IOException e) {
      throw new UncheckedIOException("%s %s: config.json cannot be read: %s".formatted(key, folder, e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s: %s".formatted(key, e.getMessage()), e);
    }
  }

  /** Whether the recipe's method is made of that part, too. */
  boolean includes(String part) {
    return parts.contains(part);
  }

  Device device() {
    return Device.parse(recipe.device().name());
  }

  DType dtype() {
    return DType.parse(recipe.dtype().name());
  }

  /** Whether an adapter is trained rather than all weights. */
  boolean adapts() {
    return recipe.model().lora().rank() != null;
  }

  /** The adapter the recipe asks for, null for none. */
  private static @Nullable Lora lora(Recipe.Model model) {
    Recipe.Lora lora = model.lora();
    if (lora.rank() == null) return null;
    if (!lora.merge() && model.path() == null) {
      throw new IllegalArgumentException("model.lora.merge: false needs model.path; an adapter alone is of no use without a checkpoint to put it on");
    }
    if (model.path() != null && Files.exists(Path.of(model.path(), "adapter_config.json")) && !Files.exists(Path.of(model.path(), "config.json"))) {
      throw new IllegalArgumentException("model.path %s holds an adapter; a new one needs a whole model under it, such as the checkpoint of a run with model.lora.merge: true"
          .formatted(model.path()));
    }
    try {
      return new Lora(lora.rank(), lora.alpha() != null ? lora.alpha() : 2 * lora.rank(), lora.targets());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("model.lora: " + e.getMessage());
    }
  }

  /** The policy a run starts from: a checkpoint's, or random weights of the recipe's shape; with a new adapter where one is trained. */
  Policy newPolicy() {
    Policy policy = base();
    Lora lora = lora(recipe.model());
    if (lora != null) policy.attach(lora, Mixing.bits(recipe.run().seed(), 21, 0));
    return policy;
  }

  private Policy base() {
    Policy policy = recipe.model().path() != null ? load(Path.of(recipe.model().path()))
        : Policy.random(config(), Mixing.bits(recipe.run().seed(), 19, 0), device(), dtype());
    policy.checkpointing(recipe.model().activationCheckpointing());
    return policy;
  }

  /** The policy of a checkpoint of this run, bit for bit. */
  Policy restored(Path checkpoint) {
    if (!adapts()) {
      Policy policy = load(checkpoint.resolve(Phase.MODEL));
      policy.checkpointing(recipe.model().activationCheckpointing());
      return policy;
    }
    Policy policy = base();
    try {
      policy.loadAdapter(Phase.adapter(this, checkpoint));
      return policy;
    } catch (IOException e) {
      policy.close();
      throw new UncheckedIOException("the adapter in %s cannot be read: %s".formatted(checkpoint, e.getMessage()), e);
    } catch (RuntimeException e) {
      policy.close();
      throw e;
    }
  }

  Policy load(Path dir) {
    return read(dir, Policy::load);
  }

  /** A policy that is never trained and never saved. */
  Policy frozen(Path dir) {
    return read(dir, Policy::frozen);
  }

  private interface Reader {
    Policy read(Path dir, Device device, DType dtype) throws IOException;
  }

  private Policy read(Path dir, Reader reader) {
    try {
      return reader.read(dir, device(), dtype());
    } catch (IOException e) {
      throw new UncheckedIOException("the model in %s cannot be read: %s".formatted(dir, e.getMessage()), e);
    }
  }

  private ModelConfig config() {
    Recipe.Model m = recipe.model();
    int context = tasks.longestPrompt() + Math.max(recipe.rollout().maxNew(), tasks.longestAnswer() + 1) + (m.tokenizer() == null ? 0 : 1);
    return ModelConfig.dense(Architecture.valueOf(m.type().name()), tokenizer.size(), m.hidden(), m.mlp(), m.layers(), m.heads(), m.kvHeads(), m.tied(),
        context, null, tokenizer.stops()).withInitializerRange(m.initStd());
  }
}
