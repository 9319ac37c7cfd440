package io.ballast.config;

import io.ballast.method.Nearest;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The keys of a recipe, read off the records: {@code rollout.group-size} is component {@code groupSize} of component {@code rollout}. */
final class Keys {

  /** One key with the type its record wants. */
  record Leaf(RecordComponent component) {
    /** How absence is spelled, or null where the key must have a value. */
    @Nullable String absent() {
      if (component.isAnnotationPresent(Auto.class)) return "auto";
      return component.getAnnotatedType().isAnnotationPresent(Nullable.class) ? Value.NONE : null;
    }
  }

  private final Map<String, Leaf> leaves = new LinkedHashMap<>();
  private final List<String> choices = new ArrayList<>();
  private final List<String> sections = new ArrayList<>();

  Keys(Class<? extends Record> root) {
    collect("", root);
  }

  private void collect(String prefix, Class<?> type) {
    for (var component : type.getRecordComponents()) {
      String path = prefix + kebab(component.getName());
      if (component.getType() == Choice.class) {
        choices.add(path);
      } else if (component.getType().isRecord()) {
        sections.add(path);
        collect(path + ".", component.getType());
      } else {
        leaves.put(path, new Leaf(component));
      }
    }
  }

  static String kebab(String camel) {
    return camel.replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  Map<String, Leaf> leaves() {
    return leaves;
  }

  List<String> choices() {
    return choices;
  }

  boolean isSection(String path) {
    return sections.contains(path);
  }

  /** The choice that owns a path such as {@code method.clip-low}, if one does. */
  @Nullable String choiceOf(String path) {
    for (String choice : choices) if (path.equals(choice) || path.startsWith(choice + ".")) return choice;
    return null;
  }

  /** Refuses a key nobody reads, naming the nearest one and what the section has. */
  RecipeException unknown(String path, String where) {
    int dot = path.lastIndexOf('.');
    String section = dot < 0 ? "" : path.substring(0, dot);
    while (!section.isEmpty() && !isSection(section)) {
      int up = section.lastIndexOf('.');
      section = up < 0 ? "" : section.substring(0, up);
    }
    var all = new ArrayList<>(leaves.keySet());
    all.addAll(choices);
    all.addAll(sections);
    String hint = nearest(path, all).map(", did you mean %s?"::formatted).orElse("");
    return new RecipeException("%s: unknown key %s%s; %s: %s".formatted(where, path, hint,
        section.isEmpty() ? "a recipe has" : section + " has", String.join(", ", children(section))));
  }

  private List<String> children(String section) {
    String prefix = section.isEmpty() ? "" : section + ".";
    var names = new java.util.LinkedHashSet<String>();
    for (var list : List.of(sections, choices, List.copyOf(leaves.keySet()))) {
      for (String path : list) if (path.startsWith(prefix)) names.add(path.substring(prefix.length()).split("\\.")[0]);
    }
    return List.copyOf(names);
  }

  /** A key that is right but in the wrong section is nearer than one that is misspelt. */
  private static Optional<String> nearest(String given, Collection<String> known) {
    String last = lastPart(given);
    return known.stream().filter(path -> lastPart(path).equals(last)).findFirst()
        .or(() -> Nearest.to(given, known))
        .or(() -> known.stream().filter(path -> Nearest.to(last, List.of(lastPart(path))).isPresent()).findFirst());
  }

  private static String lastPart(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }
}
