package io.ballast.config;

import io.ballast.method.Nearest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads recipes: the defaults, over them a YAML file, over it {@code --set key=value} overrides. Naming another method, task or
 * correction than the layer below drops the settings the layer below gave for its own.
 */
public final class RecipeReader {
  static final String RECORDED = "recorded";
  private static final String WARM_START = "warm-start.steps";
  /** What a checkpoint's files say. */
  static final Set<String> SHAPE = Set.of("model.tokenizer", "model.type", "model.layers", "model.hidden", "model.heads", "model.kv-heads", "model.mlp",
      "model.tied", "model.init-std");
  private static final List<String> MAY_CHANGE = List.of("schedule.steps", "eval.", "run.");

  private final Keys keys = new Keys(Recipe.class);
  private final Map<String, Catalogue> catalogues;

  /**
   * @param catalogues other catalogues, by key; {@code method}, {@code off-policy.correction}, {@code task} and {@code verifier} name what
   *     {@link io.ballast.method.Methods}, {@link io.ballast.method.Corrections}, {@link io.ballast.verify.task.Tasks} and
   *     {@link io.ballast.verify.Verifiers} have unless they are given here
   */
  public RecipeReader(Map<String, Catalogue> catalogues) {
    this.catalogues = new LinkedHashMap<>(catalogues);
    this.catalogues.putIfAbsent("method", new MethodCatalogue());
    this.catalogues.putIfAbsent("off-policy.correction", new CorrectionCatalogue());
    this.catalogues.putIfAbsent("task", new TaskCatalogue());
    this.catalogues.putIfAbsent("verifier", new VerifierCatalogue());
  }

  /**
   * @param file the recipe, or null for the defaults alone
   * @param overrides each {@code key=value}; among repeats the last one counts
   * @throws RecipeException if anything in it cannot be
   */
  public ResolvedRecipe read(@Nullable Path file, List<String> overrides) {
    return file == null ? readText("", "recipe", overrides) : readText(text(file), file.getFileName().toString(), overrides);
  }

  /** @param name how messages call the text, usually its file's name */
  public ResolvedRecipe readText(String yaml, String name, List<String> overrides) {
    Map<String, Value> values = defaults();
    Map<String, String> recorded = new LinkedHashMap<>();
    Map<String, Value> file = YamlSource.read(yaml, name, false);
    file.keySet().removeIf(key -> {
      if (!key.startsWith(RECORDED + ".")) return false;
      recorded.put(key.substring(RECORDED.length() + 1), file.get(key).text());
      return true;
    });
    lay(values, file);
    lay(values, Overrides.values(overrides));
    return new ResolvedRecipe(bind(values), ordered(values), recorded);
  }

  /**
   * The recipe of an existing run, for going on with it. Overrides may change {@code schedule.steps}, {@code eval.*} and
   * {@code run.*}; repeating a value the run has is no change.
   */
  public ResolvedRecipe resume(Path runRecipe, List<String> overrides) {
    ResolvedRecipe own = read(runRecipe, List.of()), asked = read(runRecipe, overrides);
    var all = new java.util.LinkedHashSet<>(asked.values().keySet());
    all.addAll(own.values().keySet());
    for (String key : all) {
      Value before = own.values().get(key), after = asked.values().get(key);
      if (before != null && after != null && same(before.content(), after.content())) continue;
      if (MAY_CHANGE.stream().anyMatch(allowed -> allowed.endsWith(".") ? key.startsWith(allowed) : key.equals(allowed))) continue;
      throw new RecipeException(("--set: %s cannot change on --resume (the run has %s, asked for %s); only schedule.steps, eval.* and run.* may. "
          + "Leave it out, or start a new run").formatted(key, before == null ? "none" : before.yaml(), after == null ? "none" : after.yaml()));
    }
    return asked;
  }

  private static boolean same(Object a, Object b) {
    if (a instanceof Number x && b instanceof Number y) return Double.compare(x.doubleValue(), y.doubleValue()) == 0;
    if (a instanceof List<?> x && b instanceof List<?> y) {
      for (int i = 0; i < Math.min(x.size(), y.size()); i++) if (!same(x.get(i), y.get(i))) return false;
      return x.size() == y.size();
    }
    return a.equals(b);
  }

  private Map<String, Value> defaults() {
    try (var in = RecipeReader.class.getResourceAsStream("defaults.yaml")) {
      if (in == null) throw new IllegalStateException("defaults.yaml is missing from the class path");
      return YamlSource.read(new String(in.readAllBytes(), StandardCharsets.UTF_8), "defaults.yaml", true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new RecipeException("%s: this is not UTF-8 text".formatted(file));
    } catch (IOException e) {
      throw new RecipeException("recipe %s %s".formatted(file, !Files.exists(file) ? "does not exist"
          : Files.isDirectory(file) ? "is a folder; give a YAML file" : "cannot be read: " + e.getMessage()));
    }
  }

  /** Puts a layer over the values below it. */
  private void lay(Map<String, Value> values, Map<String, Value> layer) {
    Map<String, Value> named = new LinkedHashMap<>();
    layer.forEach((key, value) -> named.put(keys.choices().contains(key) ? key + ".id" : key, value));
    for (String choice : keys.choices()) {
      Value id = named.get(choice + ".id");
      if (id != null && !id.text().equals(values.get(choice + ".id").text())) values.keySet().removeIf(key -> key.startsWith(choice + "."));
    }
    named.forEach((key, value) -> {
      String where = value.origin().equals(Value.SET) ? "--set " + key : value.origin();
      if (keys.isSection(key)) throw new RecipeException("%s: %s is a section, not a value; give one of its keys".formatted(where, key));
      Keys.Leaf leaf = keys.leaves().get(key);
      if (keys.choiceOf(key) == null && leaf == null) throw keys.unknown(key, where);
      values.put(key, leaf != null && leaf.component().getType() == String.class ? value.asText() : value);
    });
  }

  private Recipe bind(Map<String, Value> values) {
    for (String choice : keys.choices()) complete(choice, values);
    if (!values.get("model.path").isNone()) fromCheckpoint(values);
    taskOrData(values);
    return new Binder(values).bind("", Recipe.class);
  }

  /** A checkpoint brings its shape with it, and is not warmed up unless the recipe says so. */
  private static void fromCheckpoint(Map<String, Value> values) {
    values.forEach((key, value) -> {
      if (SHAPE.contains(key) && given(value)) {
        throw new RecipeException("%s: %s cannot be combined with model.path (%s): the checkpoint's own files decide it. Leave one out"
            .formatted(value.origin(), key, values.get("model.path").text()));
      }
    });
    if (!given(values.get(WARM_START))) values.put(WARM_START, Value.of(0L, "default with model.path"));
  }

  /** A recipe trains on a task or on data; the other section's keys would decide nothing. */
  private static void taskOrData(Map<String, Value> values) {
    boolean data = !values.get("data.path").isNone() || !values.get("data.sql").isNone();
    values.forEach((key, value) -> {
      if (!given(value)) return;
      if (data && key.startsWith("task.")) {
        throw new RecipeException("%s: %s cannot be combined with data: a recipe trains on a task or on data. Leave one out".formatted(value.origin(), key));
      }
      if (!data && key.startsWith("data.")) {
        throw new RecipeException("%s: %s needs data.path or data.sql, which say where the examples are".formatted(value.origin(), key));
      }
    });
  }

  private static boolean given(Value value) {
    return !value.origin().startsWith(Value.DEFAULT);
  }

  /** Checks a choice against its catalogue and fills in the settings left out. */
  private void complete(String choice, Map<String, Value> values) {
    Catalogue catalogue = catalogues.get(choice);
    if (catalogue == null) return;
    Value id = values.get(choice + ".id");
    if (!catalogue.ids().contains(id.text())) {
      throw new RecipeException(id.origin() + ": " + Nearest.message(choice, id.text(), catalogue.ids()));
    }
    catalogue.spellings(id.text()).forEach((spelling, name) -> {
      Value value = values.remove(choice + "." + spelling);
      if (value == null) return;
      Value other = values.put(choice + "." + name, value);
      if (other != null) {
        throw new RecipeException("%s: %s.%s and %s.%s (%s) are one setting; give one of them"
            .formatted(value.origin(), choice, spelling, choice, name, other.origin()));
      }
    });
    Map<String, @Nullable Object> defaults = catalogue.defaults(id.text());
    values.forEach((key, value) -> {
      if (!key.startsWith(choice + ".") || key.equals(choice + ".id")) return;
      String setting = key.substring(choice.length() + 1);
      if (defaults.containsKey(setting)) return;
      throw new RecipeException(value.origin() + ": " + Nearest.message("setting of " + choice + " " + id.text(), setting, defaults.keySet()));
    });
    defaults.forEach((setting, value) -> {
      if (value != null) values.putIfAbsent(choice + "." + setting, Value.of(value, "default of " + id.text()));
    });
    var binder = new Binder(values);
    try {
      catalogue.check(binder.choice(choice));
    } catch (IllegalArgumentException e) {
      throw new RecipeException(id.origin() + ": " + choice + " " + id.text() + ": " + e.getMessage());
    }
  }

  /** In the order of defaults.yaml, a choice's settings behind its id in the order of its catalogue. */
  private Map<String, Value> ordered(Map<String, Value> values) {
    Map<String, Value> ordered = new LinkedHashMap<>();
    Set<String> order = defaults().keySet();
    for (String key : order) {
      String choice = keys.choiceOf(key);
      if (choice == null) {
        ordered.put(key, values.get(key));
        continue;
      }
      ordered.put(choice + ".id", values.get(choice + ".id"));
      Catalogue catalogue = catalogues.get(choice);
      if (catalogue != null) {
        for (String setting : catalogue.defaults(values.get(choice + ".id").text()).keySet()) {
          Value value = values.get(choice + "." + setting);
          if (value != null) ordered.put(choice + "." + setting, value);
        }
      }
      values.forEach((other, value) -> {
        if (other.startsWith(choice + ".")) ordered.putIfAbsent(other, value);
      });
    }
    return ordered;
  }
}
