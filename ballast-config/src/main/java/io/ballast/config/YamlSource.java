package io.ballast.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** A YAML text as flat dotted keys, each value with the line it stands on. */
final class YamlSource {
  private final String name;
  private final boolean isDefaults;
  private final Map<String, Value> values = new LinkedHashMap<>();

  private YamlSource(String name, boolean isDefaults) {
    this.name = name;
    this.isDefaults = isDefaults;
  }

  /** @param name as shown in messages, usually the file's name */
  static Map<String, Value> read(String text, String name, boolean isDefaults) {
    var source = new YamlSource(name, isDefaults);
    Optional<Node> root;
    try {
      root = new Compose(LoadSettings.builder().setLabel(name).setMaxAliasesForCollections(0).build()).composeString(text);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw new RecipeException("%s:%d: this is not YAML: %s".formatted(name, line, e.getProblem()));
    } catch (YamlEngineException e) {
      throw new RecipeException("%s: this is not YAML: %s".formatted(name, e.getMessage()));
    }
    if (root.isEmpty()) return source.values;
    if (!(root.get() instanceof MappingNode mapping)) {
      throw new RecipeException("%s: a recipe is a YAML mapping of sections such as rollout: and method:".formatted(source.where(root.get())));
    }
    source.mapping("", mapping);
    return source.values;
  }

  private void mapping(String prefix, MappingNode node) {
    for (var entry : node.getValue()) {
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        throw new RecipeException("%s: a key must be a plain word".formatted(where(entry.getKeyNode())));
      }
      String path = prefix + key.getValue();
      switch (entry.getValueNode()) {
        case MappingNode nested -> mapping(path + ".", nested);
        case SequenceNode sequence -> put(path, Value.list(items(path, sequence), origin(key)), key);
        case ScalarNode scalar -> {
          if (scalar.getValue().isEmpty() && scalar.getScalarStyle() == ScalarStyle.PLAIN) {
            throw new RecipeException("%s: %s has no value; leave the key out for its default, or write none".formatted(where(key), path));
          }
          put(path, value(scalar, origin(key)), key);
        }
        default -> throw new RecipeException("%s: %s must be a value, a list or a section".formatted(where(key), path));
      }
    }
  }

  private List<Value> items(String path, SequenceNode sequence) {
    List<Value> items = new ArrayList<>();
    for (Node item : sequence.getValue()) {
      if (!(item instanceof ScalarNode scalar)) {
        throw new RecipeException("%s: %s must be a list of plain values".formatted(where(item), path));
      }
      items.add(value(scalar, origin(item)));
    }
    return items;
  }

  private static Value value(ScalarNode scalar, String origin) {
    return scalar.getScalarStyle() == ScalarStyle.PLAIN
        ? Value.scalar(scalar.getValue(), origin) : Value.quotedText(scalar.getValue(), origin);
  }

  private void put(String path, Value value, Node key) {
    Value earlier = values.put(path, value);
    if (earlier != null) {
      throw new RecipeException("%s: %s stands here twice, first at %s; keep one".formatted(where(key), path, earlier.origin()));
    }
  }

  private String origin(Node node) {
    return isDefaults ? Value.DEFAULT : where(node);
  }

  private String where(Node node) {
    return node.getStartMark().map(mark -> name + ":" + (mark.getLine() + 1)).orElse(name);
  }
}
