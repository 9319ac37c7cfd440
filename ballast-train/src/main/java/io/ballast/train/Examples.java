package io.ballast.train;

import io.ballast.config.Recipe;
import io.ballast.data.DataSettings;
import io.ballast.data.FileTasks;
import io.ballast.model.Policy;
import io.ballast.text.CharTokenizer;
import io.ballast.text.ChatTemplate;
import io.ballast.text.Tokenizer;
import io.ballast.text.Tokenizers;
import io.ballast.verify.task.TaskFamily;
import io.ballast.verify.task.Tasks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tasks a recipe names, and the tokenizer that reads them: a checkpoint's, or the characters of the tasks. */
record Examples(TaskFamily tasks, Tokenizer tokenizer) {

  /** @param own tasks in the place of the recipe's, or null */
  static Examples of(Recipe recipe, @Nullable TaskFamily own) {
    Path folder = folder(recipe);
    Tokenizer tokenizer = folder == null ? null : tokenizer(folder);
    if (own == null && recipe.data().given()) return ofData(recipe, folder, tokenizer);
    TaskFamily family = own != null ? own : Tasks.named(recipe.task().id(), recipe.task().settings());
    return new Examples(family, tokenizer != null ? tokenizer : new CharTokenizer(family.alphabet()));
  }

  private static Examples ofData(Recipe recipe, @Nullable Path folder, @Nullable Tokenizer tokenizer) {
    DataSettings settings = DataSettings.of(settings(recipe));
    if (folder == null || tokenizer == null) {
      if (recipe.data().chat()) throw new IllegalArgumentException("data.chat needs a chat template, which comes with model.path or model.tokenizer");
      FileTasks tasks = FileTasks.of(settings);
      return new Examples(tasks, new CharTokenizer(tasks.alphabet()));
    }
    if (!recipe.data().chat()) return new Examples(FileTasks.of(settings, _ -> "", text -> tokenizer.encodePrompt(text).length), tokenizer);
    try {
      ChatTemplate template = ChatTemplate.read(folder);
      Tokenizer rendered = RenderedPrompts.of(tokenizer, template);
      return new Examples(FileTasks.of(settings, messages -> template.render(messages, ChatTemplate.Options.prompt()),
          text -> rendered.encodePrompt(text).length), rendered);
    } catch (IOException e) {
      throw new UncheckedIOException("%s: the chat template cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /** The section {@code data}, and {@code verifier}, under the names the data room gives them. */
  static Map<String, Object> settings(Recipe recipe) {
    Recipe.Data data = recipe.data();
    Map<String, @Nullable Object> given = new LinkedHashMap<>();
    given.put("path", data.path());
    given.put("eval-path", data.evalPath());
    given.put("sql", data.sql());
    given.put("format", name(data.format()));
    given.put("dataset", data.dataset() == null ? null : name(data.dataset()));
    given.put("prompt", data.prompt());
    given.put("answer", data.answer());
    given.put("solution", data.solution());
    given.put("hints", String.join(",", data.hints()));
    given.put("template", data.template());
    given.put("chat", data.chat());
    given.put("system", data.system());
    given.put("eval-share", data.evalShare());
    given.put("eval-count", 0L);
    given.put("longest-prompt", data.longestPrompt());
    given.put("longest-answer", data.longestAnswer());
    if (!recipe.verifier().id().equals("auto")) {
      given.put("verifier", recipe.verifier().id());
      recipe.verifier().settings().forEach((name, value) -> given.put("verifier." + name, value));
    }
    given.values().removeIf(java.util.Objects::isNull);
    return given;
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static @Nullable Path folder(Recipe recipe) {
    String folder = recipe.model().path() != null ? recipe.model().path() : recipe.model().tokenizer();
    if (folder == null) return null;
    if (!Files.isDirectory(Path.of(folder))) {
      throw new IllegalArgumentException("model.%s %s is no folder".formatted(recipe.model().path() != null ? "path" : "tokenizer", folder));
    }
    try {
      return Policy.folder(Path.of(folder), "tokenizer.json");
    } catch (IOException e) {
      throw new UncheckedIOException("model.path %s cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
  }

  private static Tokenizer tokenizer(Path folder) {
    try {
      return Tokenizers.read(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("%s: the tokenizer cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
  }
}
