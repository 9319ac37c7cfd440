package io.ballast.train;

import io.ballast.config.Recipe;
import io.ballast.method.Assembly;
import io.ballast.method.Method;
import io.ballast.method.Methods;
import io.ballast.model.Architecture;
import io.ballast.model.ModelConfig;
import io.ballast.model.Policy;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import io.ballast.text.CharTokenizer;
import io.ballast.text.Tokenizer;
import io.ballast.text.Tokenizers;
import io.ballast.verify.Verifier;
import io.ballast.verify.task.TaskFamily;
import io.ballast.verify.task.Tasks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a recipe names, made: tasks, tokenizer, policy, method. */
record Setup(Recipe recipe, TaskFamily tasks, Verifier verifier, Tokenizer tokenizer, Assembly method, List<String> parts) {

  static Setup of(Recipe recipe, @Nullable TaskFamily tasks, @Nullable Verifier verifier, @Nullable Assembly method) {
    TaskFamily family = tasks != null ? tasks : Tasks.named(recipe.task().id(), recipe.task().settings());
    Method named = Methods.named(recipe.method().id());
    Assembly assembly = method != null ? method : named.assemble(recipe.method().settings());
    return new Setup(recipe, family, verifier != null ? verifier : family.verifier(), tokenizer(recipe, family), assembly,
        method != null ? List.of() : named.parts());
  }

  private static Tokenizer tokenizer(Recipe recipe, TaskFamily family) {
    if (recipe.model().path() == null) return new CharTokenizer(family.alphabet());
    try {
      return Tokenizers.read(Path.of(recipe.model().path()));
    } catch (IOException e) {
      throw new UncheckedIOException("model.path %s: the tokenizer cannot be read".formatted(recipe.model().path()), e);
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

  /** The policy a run starts from: a checkpoint's, or random weights of the recipe's shape. */
  Policy newPolicy() {
    Recipe.Model model = recipe.model();
    if (model.path() != null) return load(Path.of(model.path()));
    return Policy.random(config(), Mixing.bits(recipe.run().seed(), 19, 0), device(), dtype());
  }

  Policy load(Path dir) {
    try {
      return Policy.load(dir, device(), dtype());
    } catch (IOException e) {
      throw new UncheckedIOException("the model in %s cannot be read: %s".formatted(dir, e.getMessage()), e);
    }
  }

  private ModelConfig config() {
    Recipe.Model m = recipe.model();
    int context = tasks.longestPrompt() + Math.max(recipe.rollout().maxNew(), tasks.longestAnswer() + 1);
    return ModelConfig.dense(Architecture.valueOf(m.type().name()), tokenizer.size(), m.hidden(), m.mlp(), m.layers(), m.heads(), m.kvHeads(), m.tied(),
        context, null, List.of(tokenizer.eos())).withInitializerRange(m.initStd());
  }
}
