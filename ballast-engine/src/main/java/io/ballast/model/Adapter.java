package io.ballast.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The trained low-rank factors of a policy. The policy's master weights are kept at base + scale·B A, so that scoring, sampling and
 * the backward pass know nothing of adapters; the factors' gradients follow from those of the whole matrices, which are linear in the
 * loss:
 *
 * <pre>   dB = scale·dW Aᵀ,   dA = scale·Bᵀ dW</pre>
 *
 * <p>Moments and checkpoints are small; gradients of whole matrices are held, and the adapted matrices twice.
 */
final class Adapter implements Trainable, AutoCloseable {
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String CONFIG = "adapter_config.json";
  private static final String PREFIX = "base_model.model.";

  /** One adapted tensor of the checkpoint: where its factors lie in the flat tensor, and its frozen base [out, in]. */
  private record Pair(Layout.Slot slot, Layout.Part part, long atA, long atB, Tensor base) {
    String name(String factor) {
      return PREFIX + part.name().replaceAll("\\.weight$", "") + ".lora_" + factor + ".weight";
    }

    long out() {
      return part.shape()[0];
    }

    long in() {
      return part.shape()[1];
    }
  }

  private final Policy policy;
  private final Lora lora;
  private final List<Pair> pairs = new ArrayList<>();
  private final Tensor flat;
  private final Tensor gradients;

  Adapter(Policy policy, Lora lora, long seed) {
    this.policy = policy;
    this.lora = lora;
    long size = 0;
    for (Layout.Slot slot : policy.master().layout().slots()) {
      for (Layout.Part part : slot.parts()) {
        if (!lora.adapts(part.name())) continue;
        long atB = size + padded(lora.rank() * part.shape()[1]);
        pairs.add(new Pair(slot, part, size, atB, base(slot, part)));
        size = atB + padded(part.shape()[0] * lora.rank());
      }
    }
    ScalarType type = policy.dtype().master();
    try (var scope = Scope.open("adapter")) {
      flat = Scope.own(Native.zeros(type, policy.device(), size));
      gradients = Scope.own(Native.zeros(type, policy.device(), size));
      long number = 0;
      for (Pair pair : pairs) start(pair, seed * 0x9E3779B97F4A7C15L + ++number * 0xD1B54A32D192ED03L);
    }
  }

  private static long padded(long size) {
    return (size + 31) / 32 * 32;
  }

  /** A is uniform in ±1/√in as PEFT starts it, B zero: the adapted model starts as the model. */
  private void start(Pair pair, long stream) {
    double bound = 1 / Math.sqrt(pair.in());
    Tensor drawn = Native.empty(ScalarType.Float, io.ballast.tensor.Device.CPU, lora.rank(), pair.in());
    drawn.uniform_(-bound, bound, new GeneratorOptional(torch.make_generator_cpu(stream)));
    a(flat, pair).copy_(drawn);
  }

  private Tensor base(Layout.Slot slot, Layout.Part part) {
    try (var scope = Scope.open("base")) {
      Tensor base = Scope.own(Native.empty(policy.dtype().master(), policy.device(), part.shape()));
      for (Layout.Block block : part.blocks()) base.narrow(0, block.from(), block.rows()).copy_(rows(policy.master(), slot, block));
      return base;
    }
  }

  private static Tensor rows(Weights weights, Layout.Slot slot, Layout.Block block) {
    return weights.view(slot.name()).view(-1, slot.rowSize()).narrow(0, block.to(), block.rows());
  }

  private Tensor a(Tensor of, Pair pair) {
    return of.narrow(0, pair.atA, lora.rank() * pair.in()).view(lora.rank(), pair.in());
  }

  private Tensor b(Tensor of, Pair pair) {
    return of.narrow(0, pair.atB, pair.out() * lora.rank()).view(pair.out(), lora.rank());
  }

  Lora lora() {
    return lora;
  }

  @Override public Tensor weights() {
    return flat;
  }

  @Override public Tensor gradients() {
    Weights whole = policy.gradients();
    for (Pair pair : pairs) {
      try (var scope = Scope.open("adapter gradient")) {
        for (Layout.Block block : pair.part.blocks()) {
          Tensor dW = rows(whole, pair.slot, block);
          Tensor b = b(flat, pair).narrow(0, block.from(), block.rows());
          b(gradients, pair).narrow(0, block.from(), block.rows())
              .addmm_(dW, a(flat, pair).t(), new Scalar(1.0), new Scalar(lora.scale()));
          a(gradients, pair).addmm_(b.t(), dW, new Scalar(1.0), new Scalar(lora.scale()));
        }
      }
    }
    policy.clearGradients();
    return gradients;
  }

  @Override public long decayedSize() {
    return flat.numel();
  }

  @Override public long parameters() {
    return pairs.stream().mapToLong(pair -> lora.rank() * (pair.in() + pair.out())).sum();
  }

  @Override public String discardGradients() {
    try (var scope = Scope.open("discard")) {
      String name = pairs.stream().filter(pair -> !finite(a(gradients, pair)) || !finite(b(gradients, pair))).findFirst()
          .map(pair -> "the adapter of " + pair.part.name()).orElse("unknown");
      gradients.zero_();
      return name;
    }
  }

  private static boolean finite(Tensor tensor) {
    return torch.isfinite(tensor).all().item_bool();
  }

  /** Sets the policy's weights to base + scale·B A. */
  @Override public void changed() {
    for (Pair pair : pairs) {
      try (var scope = Scope.open("adapt")) {
        for (Layout.Block block : pair.part.blocks()) {
          Tensor b = b(flat, pair).narrow(0, block.from(), block.rows());
          torch.addmm_out(rows(policy.master(), pair.slot, block), pair.base.narrow(0, block.from(), block.rows()), b, a(flat, pair),
              new Scalar(1.0), new Scalar(lora.scale()));
        }
      }
    }
    policy.changed();
  }

  /**
   * Writes PEFT's {@code adapter_config.json} and {@code adapter_model.safetensors}.
   *
   * @param base where the adapted model is, or empty
   */
  void save(Path dir, String base) throws IOException {
    String type = SafetensorsFile.typeName(policy.dtype().master());
    List<SafetensorsFile.Source> sources = new ArrayList<>();
    for (Pair pair : pairs) {
      sources.add(new SafetensorsFile.Source(pair.name("A"), type, new long[] {lora.rank(), pair.in()}, c -> write(a(flat, pair), c)));
      sources.add(new SafetensorsFile.Source(pair.name("B"), type, new long[] {pair.out(), lora.rank()}, c -> write(b(flat, pair), c)));
    }
    SafetensorsFile.write(dir.resolve(WEIGHTS), sources, Map.of("format", "pt"));
    ObjectMapper json = new ObjectMapper();
    ObjectNode config = json.createObjectNode();
    config.put("peft_type", "LORA").put("task_type", "CAUSAL_LM").put("r", lora.rank()).put("lora_alpha", lora.alpha())
        .put("lora_dropout", 0.0).put("bias", "none").put("inference_mode", true).put("fan_in_fan_out", false)
        .put("use_rslora", false).put("use_dora", false).put("base_model_name_or_path", base);
    lora.targets().forEach(config.putArray("target_modules")::add);
    AtomicFiles.write(dir.resolve(CONFIG), json.writerWithDefaultPrettyPrinter().writeValueAsBytes(config));
  }

  private static void write(Tensor tensor, java.util.function.Consumer<Tensor> consumer) {
    try (var scope = Scope.open("save adapter")) {
      consumer.accept(Native.host(tensor, Native.type(tensor)));
    }
  }

  /** The model an adapter folder belongs to; null where the folder holds a whole model or neither. */
  static @Nullable Path base(Path dir) throws IOException {
    if (Files.exists(dir.resolve("config.json")) || !Files.isRegularFile(dir.resolve(CONFIG))) return null;
    Path file = dir.resolve(CONFIG);
    String name = ConfigFile.json(file).path("base_model_name_or_path").asText("");
    Path base;
    try {
      base = dir.resolve(name);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("%s: base_model_name_or_path is no path: %s".formatted(file, e.getMessage()), e);
    }
    // An adapter of an adapter, or of itself, is no base.
    if (name.isEmpty() || !Files.isRegularFile(base.resolve("config.json"))) {
      throw new IllegalArgumentException(
          "%s: base_model_name_or_path '%s' is no folder of a model with config.json; it must name the model the adapter belongs to"
              .formatted(file, name));
    }
    return base;
  }

  /** Reads the settings of an adapter folder; what would be computed otherwise is refused by name. */
  static Lora read(Path dir) throws IOException {
    Path file = dir.resolve(CONFIG);
    if (!Files.isRegularFile(file)) throw new IllegalArgumentException(dir + " has no " + CONFIG);
    JsonNode json = ConfigFile.json(file);
    try {
      for (String flag : List.of("use_rslora", "use_dora", "fan_in_fan_out", "modules_to_save", "rank_pattern", "alpha_pattern",
          "layers_to_transform", "lora_bias")) {
        JsonNode value = json.path(flag);
        boolean off = value.isMissingNode() || value.isNull() || (value.isBoolean() && !value.asBoolean())
            || (value.isContainerNode() && value.isEmpty());
        if (!off) throw new IllegalArgumentException("%s = %s is not supported".formatted(flag, value));
      }
      if (!json.path("bias").asText("none").equals("none")) throw new IllegalArgumentException("bias must be none");
      if (!json.path("target_modules").isArray()) throw new IllegalArgumentException("target_modules must be a list of projections");
      List<String> targets = new ArrayList<>();
      json.path("target_modules").forEach(target -> targets.add(target.asText()));
      Lora lora = new Lora(json.path("r").asInt(), json.path("lora_alpha").asDouble(), targets);
      // Before memory is taken for factors of that rank.
      for (SafetensorsFile.Entry entry : SafetensorsFile.open(dir.resolve(WEIGHTS)).entries().values()) {
        if (entry.name().endsWith(".lora_A.weight") && (entry.shape().length != 2 || entry.shape()[0] != lora.rank())) {
          throw new IllegalArgumentException("r is %d, but tensor '%s' of %s has the shape %s".formatted(
              lora.rank(), entry.name(), WEIGHTS, Arrays.toString(entry.shape())));
        }
      }
      return lora;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  /** Takes over the factors {@link #save}, or PEFT, wrote. */
  void load(Path dir) throws IOException {
    SafetensorsFile file = SafetensorsFile.open(dir.resolve(WEIGHTS));
    TreeSet<String> unknown = new TreeSet<>(file.entries().keySet());
    for (Pair pair : pairs) {
      load(file, pair.name("A"), a(flat, pair), new long[] {lora.rank(), pair.in()}, unknown);
      load(file, pair.name("B"), b(flat, pair), new long[] {pair.out(), lora.rank()}, unknown);
    }
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("%s: tensor '%s' is no part of this adapter".formatted(file.path(), unknown.first()));
    }
    changed();
  }

  private static void load(SafetensorsFile file, String name, Tensor to, long[] shape, TreeSet<String> unknown) throws IOException {
    unknown.remove(name);
    SafetensorsFile.Entry entry = file.entries().get(name);
    if (entry == null || !Arrays.equals(entry.shape(), shape)) {
      throw new IllegalArgumentException("%s: a tensor '%s' of shape %s was expected".formatted(file.path(), name, Arrays.toString(shape)));
    }
    Tensor flat = to.view(-1);
    file.with(entry, (from, elements) -> {
      file.requireFinite(entry, elements);
      flat.narrow(0, from, elements.numel()).copy_(elements);
    });
  }

  @Override public void close() {
    pairs.forEach(pair -> Scope.release(pair.base));
    Scope.release(flat);
    Scope.release(gradients);
  }
}
