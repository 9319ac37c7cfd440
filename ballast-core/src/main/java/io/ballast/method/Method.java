package io.ballast.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A named, documented assembly of an advantage estimator and an objective with its paper's defaults.
 *
 * @param id kebab-case, what recipes and {@code --method} use
 * @param title one phrase
 * @param papers title and arXiv number or address, the defining one first
 * @param parts what it is made of, one phrase each
 * @param guesswork what of it no source tells, in the words of its page; empty where everything is known
 * @param needs token columns beyond logp, oldLogp and advantage or reward that it reads at its defaults, in camelCase
 * @param settings in the order they are shown
 */
public record Method(
    String id,
    String title,
    List<String> papers,
    Kind kind,
    List<String> parts,
    Confidence confidence,
    String guesswork,
    List<String> needs,
    List<Setting> settings,
    Recipe recipe) {

  public Method {
    papers = List.copyOf(papers);
    parts = List.copyOf(parts);
    needs = List.copyOf(needs);
    settings = List.copyOf(settings);
    Set<String> names = new HashSet<>();
    for (Setting setting : settings) {
      for (String spelling : setting.spellings()) {
        if (!names.add(spelling)) throw new IllegalArgumentException("method %s has the setting %s twice".formatted(id, spelling));
      }
    }
  }

  /**
   * The method with these settings, the rest at their defaults.
   *
   * @param overrides by setting name: Number, Boolean, String, or {@code null} and {@code "none"} for no value
   * @throws UnknownSettingException if the method has no setting of that name
   * @throws IllegalArgumentException if a value is not allowed, naming the setting
   */
  public Assembly assemble(Map<String, ? extends @Nullable Object> overrides) {
    return recipe.assemble(settings(overrides));
  }

  /** A value to start from for every setting that must be given, because no source published one. */
  public Map<String, Object> examples() {
    Map<String, Object> examples = new LinkedHashMap<>();
    for (Setting setting : settings) {
      if (setting.required() && setting.example() != null) examples.put(setting.name(), setting.example());
    }
    return examples;
  }

  /** All settings resolved: what is given, else the defaults. */
  public Settings settings(Map<String, ? extends @Nullable Object> overrides) {
    return Settings.resolve(id, settings, overrides);
  }

  /** Starts the description of a method; {@link Description#assembledBy} ends it. */
  public static Description named(String id, String title) {
    return new Description(id, title);
  }

  /** A method being described. */
  public static final class Description {
    private final String id;
    private final String title;
    private final List<String> papers = new ArrayList<>();
    private final List<String> parts = new ArrayList<>();
    private final List<String> needs = new ArrayList<>();
    private final List<Setting> settings = new ArrayList<>();
    private Kind kind = Kind.OBJECTIVE;
    private Confidence confidence = Confidence.HIGH;
    private String guesswork = "";

    private Description(String id, String title) {
      this.id = id;
      this.title = title;
    }

    public Description paper(String paper) {
      papers.add(paper);
      return this;
    }

    public Description kind(Kind value) {
      kind = value;
      return this;
    }

    public Description parts(String... values) {
      parts.addAll(Arrays.asList(values));
      return this;
    }

    public Description confidence(Confidence value) {
      confidence = value;
      return this;
    }

    public Description guesswork(String what) {
      guesswork = what;
      return this;
    }

    public Description needs(String... columns) {
      needs.addAll(Arrays.asList(columns));
      return this;
    }

    public Description settings(Setting... values) {
      settings.addAll(Arrays.asList(values));
      return this;
    }

    public Description settings(List<Setting> values) {
      settings.addAll(values);
      return this;
    }

    public Method assembledBy(Recipe recipe) {
      return new Method(id, title, papers, kind, parts, confidence, guesswork, needs, settings, recipe);
    }
  }
}
