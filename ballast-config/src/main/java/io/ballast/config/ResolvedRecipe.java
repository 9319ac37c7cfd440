package io.ballast.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A recipe with every value filled in, and where each came from. */
public final class ResolvedRecipe {
  private final Recipe recipe;
  private final Map<String, Value> values;
  private final Map<String, String> recorded;

  ResolvedRecipe(Recipe recipe, Map<String, Value> values, Map<String, String> recorded) {
    this.recipe = recipe;
    this.values = values;
    this.recorded = recorded;
  }

  public Recipe recipe() {
    return recipe;
  }

  /** What a finished or interrupted run wrote about itself (versions, threads, hash of the data); empty for a recipe written by hand. */
  public Map<String, String> recorded() {
    return recorded;
  }

  /** Where the value of a key such as {@code rollout.group-size} came from: {@code default}, {@code recipe.yaml:12}, {@code --set}. */
  public String origin(String key) {
    Value value = values.get(key);
    if (value == null) throw new IllegalArgumentException("no such key: " + key);
    return value.origin();
  }

  /** As YAML, with a comment behind each value saying where it came from. Read back, it gives the same recipe. */
  public String explained() {
    return yaml(values, true);
  }

  /** As YAML for the run directory: the values, then {@code recorded} facts such as versions, threads and the hash of the data. */
  public String record(Map<String, String> facts) {
    var all = new LinkedHashMap<>(values);
    facts.forEach((key, value) -> all.put(RecipeReader.RECORDED + "." + key, Value.quotedText(value, "")));
    return yaml(all, false);
  }

  Map<String, Value> values() {
    return values;
  }

  private static String yaml(Map<String, Value> values, boolean origins) {
    var text = new StringBuilder();
    List<String> open = List.of();
    boolean fromCheckpoint = !values.get("model.path").isNone();
    boolean data = !values.get("data.path").isNone() || !values.get("data.sql").isNone();
    for (var entry : values.entrySet()) {
      // What decides nothing in this recipe is not shown.
      if (fromCheckpoint && RecipeReader.SHAPE.contains(entry.getKey()) || entry.getKey().startsWith(data ? "task." : "data.")) continue;
      List<String> path = List.of(entry.getKey().split("\\."));
      List<String> sections = path.subList(0, path.size() - 1);
      int shared = 0;
      while (shared < Math.min(open.size(), sections.size()) && open.get(shared).equals(sections.get(shared))) shared++;
      if (shared == 0 && !text.isEmpty() && !(open.isEmpty() && sections.isEmpty())) text.append('\n');
      for (int depth = shared; depth < sections.size(); depth++) {
        text.append("  ".repeat(depth)).append(sections.get(depth)).append(":\n");
      }
      String line = "  ".repeat(sections.size()) + path.getLast() + ": " + entry.getValue().yaml();
      text.append(origins ? "%-40s # %s".formatted(line, entry.getValue().origin()) : line).append('\n');
      open = sections;
    }
    return text.toString();
  }
}
