package io.ballast.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Weights in Hugging Face's files: {@code model.safetensors}, or several named by {@code model.safetensors.index.json}. */
final class Checkpoint {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private Checkpoint() {}

  private record Located(SafetensorsFile file, SafetensorsFile.Entry entry) {}

  private static void load(Map<String, Located> tensors, Weights weights) throws IOException {
    for (Layout.Slot slot : weights.layout().slots()) {
      for (Layout.Part part : slot.parts()) {
        Located located = tensors.get(part.name());
        located.file.with(located.entry, (from, elements) -> {
          located.file.requireFinite(located.entry, elements);
          fill(weights.view(slot.name()), slot.rowSize(), part, from, elements);
        });
      }
    }
  }

  /** Copies elements [from, from + n) of a tensor of the checkpoint to where its blocks lie in a slot. */
  private static void fill(Tensor view, long rowSize, Layout.Part part, long from, Tensor elements) {
    try (var scope = Scope.open("fill")) {
      Tensor slot = view.view(-1);
      long to = from + elements.numel();
      for (Layout.Block block : part.blocks()) {
        long first = Math.max(from, block.from() * rowSize);
        long count = Math.min(to, (block.from() + block.rows()) * rowSize) - first;
        if (count <= 0) continue;
        slot.narrow(0, first + (block.to() - block.from()) * rowSize, count).copy_(elements.narrow(0, first - from, count));
      }
    }
  }

  private static Map<String, Located> locate(Path dir) throws IOException {
    Map<String, Located> tensors = new LinkedHashMap<>();
    for (String name : files(dir)) {
      Path path = dir.resolve(name);
      if (!Files.isRegularFile(path)) {
        throw new IllegalArgumentException("%s: no such file, but %s names it; fetch the missing file".formatted(path, INDEX));
      }
      SafetensorsFile file = SafetensorsFile.open(path);
      file.entries().forEach((tensor, entry) -> {
        if (tensors.put(tensor, new Located(file, entry)) != null) {
          throw new IllegalArgumentException("%s: tensor '%s' is also in another file of this checkpoint".formatted(file.path(), tensor));
        }
      });
    }
    return tensors;
  }

  private static Iterable<String> files(Path dir) throws IOException {
    if (Files.isRegularFile(dir.resolve(SINGLE))) return List.of(SINGLE);
    Path index = dir.resolve(INDEX);
    if (!Files.isRegularFile(index)) {
      throw new IllegalArgumentException("%s has neither %s nor %s; give the folder that holds the weights".formatted(dir, SINGLE, INDEX));
    }
    JsonNode map = ConfigFile.json(index).path("weight_map");
    if (!map.isObject() || map.isEmpty()) throw new IllegalArgumentException(index + ": weight_map is missing or empty");
    TreeSet<String> names = new TreeSet<>();
    for (JsonNode value : map) {
      String name = value.asText();
      if (!name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*\\.safetensors")) {
        throw new IllegalArgumentException("%s: weight_map names the file '%s'; only plain names ending in .safetensors in the same folder"
            .formatted(index, name));
      }
      names.add(name);
    }
    return names;
  }

  private static void check(Path dir, Layout layout, Map<String, Located> tensors) {
    List<String> missing = new ArrayList<>();
    TreeSet<String> unknown = new TreeSet<>(tensors.keySet());
    for (Layout.Slot slot : layout.slots()) {
      for (Layout.Part part : slot.parts()) {
        unknown.remove(part.name());
        Located located = tensors.get(part.name());
        if (located == null) missing.add(part.name());
        else checkOne(located, part);
      }
    }
    unknown.removeIf(name -> name.endsWith("rotary_emb.inv_freq") || (layout.config().tied() && name.equals("lm_head.weight")));
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException("%s: %d tensors of the model are missing, the first is '%s'".formatted(
          dir, missing.size(), missing.getFirst()));
    }
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("%s: %d tensors are no part of a %s model of this configuration, the first is '%s'".formatted(
          dir, unknown.size(), layout.config().architecture().modelType(), unknown.first()));
    }
  }

  private static void checkOne(Located located, Layout.Part part) {
    if (!java.util.Arrays.equals(located.entry.shape(), part.shape())) {
      throw new IllegalArgumentException("%s: tensor '%s' has shape %s, config.json asks for %s".formatted(located.file.path(), part.name(),
          java.util.Arrays.toString(located.entry.shape()), java.util.Arrays.toString(part.shape())));
    }
    if (!List.of("F32", "BF16", "F16", "F64").contains(located.entry.type())) {
      throw new IllegalArgumentException("%s: tensor '%s' has dtype %s; weights are F32, BF16, F16 or F64".formatted(
          located.file.path(), part.name(), located.entry.type()));
    }
  }

  /** Writes weights in the names and shapes of the Hugging Face model, as {@code type}. */
  static void save(Path dir, Weights weights, ScalarType type) throws IOException {
    List<SafetensorsFile.Source> sources = new ArrayList<>();
    for (Layout.Slot slot : weights.layout().slots()) {
      for (Layout.Part part : slot.parts()) {
        sources.add(new SafetensorsFile.Source(part.name(), SafetensorsFile.typeName(type), part.shape(), consumer -> {
          for (Layout.Block block : part.blocks()) {
            try (var scope = Scope.open("save")) {
              Tensor rows = weights.view(slot.name()).view(-1, slot.rowSize()).narrow(0, block.to(), block.rows());
              consumer.accept(Native.host(rows, type));
            }
          }
        }));
      }
    }
    SafetensorsFile.write(dir.resolve(SINGLE), sources, Map.of("format", "pt"));
  }

  /** How {@code config.json} calls an element type. */
  static String configName(ScalarType type) {
    return switch (type) {
      case Float -> "float32";
      case BFloat16 -> "bfloat16";
      case Half -> "float16";
      case Double -> "float64";
      default -> throw new IllegalArgumentException("weights cannot be saved as " + type);
    };
  }

  /** Makes the weights a folder is read into. */
  interface Maker {
    Weights zeros(Layout layout);
  }

  /** The weights of a folder whose configuration has been read. Memory is taken once the files hold what the configuration asks for. */
  static Weights read(Path dir, ModelConfig config, Maker maker) throws IOException {
    Map<String, Located> tensors = locate(dir);
    Layout layout = new Layout(config);
    check(dir, layout, tensors);
    Weights weights = maker.zeros(layout);
    try {
      load(tensors, weights);
      return weights;
    } catch (IOException | RuntimeException e) {
      weights.close();
      throw e;
    }
  }
}
