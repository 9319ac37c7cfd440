package io.ballast.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ballast.model.ModelConfig.Experts;
import io.ballast.model.ModelConfig.Gemma;
import io.ballast.model.ModelConfig.RopeScaling;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads and writes {@code config.json}. A key that could change the mathematics is understood or refused, never skipped. */
final class ConfigFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Largest JSON file beside the weights that is read; the index of 90,000 tensors has 9 MB. */
  private static final long MAX_BYTES = 32_000_000;

  private static final Set<String> READ = Set.of("model_type", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
      "num_attention_heads", "num_key_value_heads", "head_dim", "rms_norm_eps", "rope_theta", "rope_scaling", "rope_parameters",
      "tie_word_embeddings", "attention_bias", "max_position_embeddings", "sliding_window", "use_sliding_window", "max_window_layers",
      "layer_types", "initializer_range", "bos_token_id", "eos_token_id", "hidden_act", "hidden_activation", "query_pre_attn_scalar",
      "attn_logit_softcapping", "final_logit_softcapping", "num_experts", "num_local_experts", "num_experts_per_tok",
      "moe_intermediate_size", "norm_topk_prob", "decoder_sparse_step", "mlp_only_layers", "mlp_bias", "attention_dropout",
      "use_bidirectional_attention", "is_encoder_decoder", "quantization_config");

  /** Keys without influence on a forward or backward pass of the causal language model. */
  private static final Set<String> WITHOUT_EFFECT = Set.of("architectures", "auto_map", "torch_dtype", "dtype", "transformers_version",
      "use_cache", "pad_token_id", "unk_token_id", "sep_token_id", "pretraining_tp", "output_hidden_states", "output_attentions",
      "return_dict", "output_router_logits", "router_aux_loss_coef", "chunk_size_feed_forward", "id2label", "label2id", "problem_type",
      "cache_implementation", "is_llama_config", "rope_interleaved", "transformers.js_config", "model_name", "unsloth_fixed",
      "attn_implementation", "max_length", "temperature", "top_p", "top_k", "do_sample", "use_mrope", "tokenizer_class", "name_or_path",
      "_name_or_path");

  private final JsonNode root;
  private final String where;

  private ConfigFile(JsonNode root, String where) {
    this.root = root;
    this.where = where;
  }

  static ModelConfig read(Path dir) throws IOException {
    Path file = dir.resolve("config.json");
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(dir + " has no config.json; a model folder holds config.json and model.safetensors");
    }
    try {
      return new ConfigFile(json(file), file.toString()).read();
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw message.startsWith(file.toString()) ? e : new IllegalArgumentException(file + ": " + message, e);
    }
  }

  private ModelConfig read() {
    Architecture architecture = Architecture.of(text("model_type", "none"));
    refuseWhatWeDoNotCompute(architecture);
    int layers = integer("num_hidden_layers", null);
    ModelConfig.checkLayers(layers);
    int heads = integer("num_attention_heads", null);
    int hidden = integer("hidden_size", null);
    int headDim = integer("head_dim", architecture == Architecture.GEMMA2 ? 256 : Math.max(1, hidden / Math.max(1, heads)));
    boolean bias = flag("attention_bias", architecture == Architecture.QWEN2);
    if (architecture == Architecture.QWEN2 && !bias) throw refused("attention_bias", "qwen2 always has biases on q, k and v");
    Experts experts = architecture != Architecture.QWEN3_MOE ? null : new Experts(
        integer(root.has("num_experts") ? "num_experts" : "num_local_experts", 128), integer("num_experts_per_tok", 8),
        integer("moe_intermediate_size", 768), flag("norm_topk_prob", false), denseLayers(layers));
    Gemma gemma = architecture != Architecture.GEMMA2 ? null : new Gemma(
        real("query_pre_attn_scalar", 256), cap("attn_logit_softcapping", 50), cap("final_logit_softcapping", 30));
    return new ModelConfig(architecture, integer("vocab_size", null), hidden, integer("intermediate_size", null), layers, heads,
        integer("num_key_value_heads", heads), headDim, real("rms_norm_eps", 1e-6), ropeTheta(), ropeScaling(),
        flag("tie_word_embeddings", architecture == Architecture.GEMMA2), bias, bias && architecture != Architecture.QWEN2,
        flag("mlp_bias", false), integer("max_position_embeddings", 2048), windows(architecture, layers), real("initializer_range", 0.02),
        root.path("bos_token_id").isInt() ? (Integer) root.get("bos_token_id").intValue() : null, tokens("eos_token_id"), gemma, experts);
  }

  private void refuseWhatWeDoNotCompute(Architecture architecture) {
    root.fieldNames().forEachRemaining(key -> {
      JsonNode value = root.get(key);
      boolean empty = value.isNull() || (value.isBoolean() && !value.booleanValue()) || (value.isContainerNode() && value.isEmpty());
      if (!READ.contains(key) && !WITHOUT_EFFECT.contains(key) && !empty) {
        throw refused(key, "unknown to this engine; if it has no effect on the forward pass, remove it from the file");
      }
    });
    String activation = text(root.hasNonNull("hidden_activation") ? "hidden_activation" : "hidden_act", "silu");
    boolean gelu = architecture == Architecture.GEMMA2;
    // Gemma's first files say hidden_act: gelu and mean the tanh form, as hidden_activation then says.
    boolean named = root.hasNonNull("hidden_activation");
    if (gelu ? named && !activation.equals("gelu_pytorch_tanh") : !activation.equals("silu")) {
      throw refused(named ? "hidden_activation" : "hidden_act", "supported is " + (gelu ? "gelu_pytorch_tanh" : "silu"));
    }
    if (flag("mlp_bias", false) && architecture != Architecture.LLAMA) throw refused("mlp_bias", "biases in the MLP are supported in llama only");
    if (real("attention_dropout", 0) != 0) throw refused("attention_dropout", "only 0 is supported");
    if (flag("use_bidirectional_attention", false)) throw refused("use_bidirectional_attention", "attention is causal here");
    if (flag("is_encoder_decoder", false)) throw refused("is_encoder_decoder", "only decoders are supported");
    if (root.hasNonNull("quantization_config")) throw refused("quantization_config", "quantised checkpoints are not supported");
  }

  private Set<Integer> denseLayers(int layers) {
    int step = integer("decoder_sparse_step", 1);
    if (step < 1) throw refused("decoder_sparse_step", "at least 1 was expected");
    Set<Integer> dense = new TreeSet<>();
    for (JsonNode layer : root.path("mlp_only_layers")) {
      if (!layer.isInt() || layer.intValue() < 0 || layer.intValue() >= layers) {
        throw refused("mlp_only_layers", "numbers of layers, 0 to %d, were expected".formatted(layers - 1));
      }
      dense.add(layer.intValue());
    }
    for (int layer = 0; layer < layers; layer++) if ((layer + 1) % step != 0) dense.add(layer);
    return dense;
  }

  private double ropeTheta() {
    JsonNode parameters = root.path("rope_parameters");
    if (parameters.hasNonNull("rope_theta")) return parameters.get("rope_theta").asDouble(Double.NaN);
    return real("rope_theta", 10_000);
  }

  private @Nullable RopeScaling ropeScaling() {
    String key = root.hasNonNull("rope_parameters") ? "rope_parameters" : "rope_scaling";
    JsonNode node = root.path(key);
    if (node.isMissingNode() || node.isNull()) return null;
    if (!node.isObject()) throw refused(key, "an object of rope_type and its numbers was expected");
    for (JsonNode value : node) if (value.isObject()) throw refused(key, "rotary positions by layer type are not supported");
    String type = node.path("rope_type").asText(node.path("type").asText("default"));
    if (node.path("partial_rotary_factor").asDouble(1) != 1) throw refused(key, "partial_rotary_factor is not supported");
    return switch (type) {
      case "default" -> null;
      case "linear" -> new RopeScaling(node.path("factor").asDouble(Double.NaN), 0, 0, integer("max_position_embeddings", 2048));
      case "llama3" -> llama3(key, node);
      default -> throw refused(key, "type '" + type + "' is not supported; supported are default, linear, llama3");
    };
  }

  private RopeScaling llama3(String key, JsonNode node) {
    if (!(node.path("low_freq_factor").asDouble(0) > 0)) throw refused(key, "low_freq_factor above 0 was expected");
    if (node.path("original_max_position_embeddings").asInt(0) < 1) {
      throw refused(key, "original_max_position_embeddings of at least 1 was expected");
    }
    return new RopeScaling(node.path("factor").asDouble(Double.NaN), node.path("low_freq_factor").asDouble(Double.NaN),
          node.path("high_freq_factor").asDouble(Double.NaN), node.path("original_max_position_embeddings").asInt(0));
  }

  private List<Integer> windows(Architecture architecture, int layers) {
    // Absent means the families' own 4,096, null means none.
    int window = root.has("sliding_window") ? integer("sliding_window", 0) : 4096;
    if (window < 0) throw refused("sliding_window", "at least 1, or null, was expected");
    boolean off = switch (architecture) {
      case LLAMA -> true;
      case QWEN2, QWEN3, QWEN3_MOE -> !flag("use_sliding_window", false);
      case MISTRAL -> false;
      case GEMMA2 -> false;
    };
    if (off || window == 0) return Collections.nCopies(Math.max(0, layers), 0);
    List<Integer> windows = new ArrayList<>();
    JsonNode types = root.path("layer_types");
    if (types.isArray() && architecture != Architecture.MISTRAL && architecture != Architecture.QWEN3_MOE) {
      for (JsonNode type : types) {
        switch (type.asText()) {
          case "full_attention" -> windows.add(0);
          case "sliding_attention" -> windows.add(window);
          default -> throw refused("layer_types", "'" + type.asText() + "' is not supported");
        }
      }
      return windows;
    }
    int firstSliding = architecture == Architecture.QWEN2 || architecture == Architecture.QWEN3 ? integer("max_window_layers", 28) : 0;
    for (int layer = 0; layer < layers; layer++) {
      boolean slides = architecture == Architecture.GEMMA2 ? layer % 2 == 0 : layer >= firstSliding;
      windows.add(slides ? window : 0);
    }
    return windows;
  }

  private IllegalArgumentException refused(String key, String why) {
    return new IllegalArgumentException("%s: %s = %s: %s".formatted(where, key, root.path(key), why));
  }

  private String text(String key, String fallback) {
    return root.hasNonNull(key) ? root.get(key).asText() : fallback;
  }

  private int integer(String key, @Nullable Integer fallback) {
    JsonNode value = root.path(key);
    if (value.isMissingNode() || value.isNull()) {
      if (fallback == null) throw new IllegalArgumentException(where + ": " + key + " is missing");
      return fallback;
    }
    if (!value.isInt()) throw refused(key, "a whole number was expected");
    return value.intValue();
  }

  private double real(String key, double fallback) {
    JsonNode value = root.path(key);
    if (value.isMissingNode() || value.isNull()) return fallback;
    if (!value.isNumber()) throw refused(key, "a number was expected");
    return value.doubleValue();
  }

  /** A soft cap: the family's own where the key is absent, none where it is null. */
  private double cap(String key, double fallback) {
    return root.has(key) ? real(key, 0) : fallback;
  }

  private boolean flag(String key, boolean fallback) {
    JsonNode value = root.path(key);
    if (value.isMissingNode() || value.isNull()) return fallback;
    if (!value.isBoolean()) throw refused(key, "true or false was expected");
    return value.booleanValue();
  }

  private List<Integer> tokens(String key) {
    JsonNode value = root.path(key);
    if (value.isInt()) return List.of(value.intValue());
    List<Integer> tokens = new ArrayList<>();
    for (JsonNode token : value) {
      if (!token.isInt()) throw refused(key, "token ids were expected");
      tokens.add(token.intValue());
    }
    return tokens;
  }

  /** The object in a JSON file of a checkpoint, which may be hostile. */
  static JsonNode json(Path file) throws IOException {
    byte[] bytes = bytes(file);
    try {
      JsonNode root = JSON.readTree(bytes);
      if (root == null || !root.isObject()) throw new IllegalArgumentException(file + ": a JSON object was expected");
      return root;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(file + ": not valid JSON: " + e.getOriginalMessage(), e);
    } catch (CharConversionException e) {
      throw new IllegalArgumentException(file + ": not valid JSON: " + e.getMessage(), e);
    } catch (OutOfMemoryError e) { // many tiny nodes take thirty times their text; they are garbage by now
      throw new IllegalArgumentException("%s of %d bytes does not fit into memory; fetch it again".formatted(file, bytes.length));
    }
  }

  /** Content of a JSON file of a checkpoint. */
  static byte[] bytes(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new IllegalArgumentException("%s has %d bytes, more than the %d a description of a model can need; fetch it again".formatted(
          file, size, MAX_BYTES));
    }
    return Files.readAllBytes(file);
  }

  /** How the checkpoint of a folder wants to be sampled from, as it stands in its generation_config.json; null if it says nothing. */
  static byte @Nullable [] generation(Path dir) throws IOException {
    Path file = dir.resolve("generation_config.json");
    return Files.isRegularFile(file) ? bytes(file) : null;
  }

  /** @param generation content of generation_config.json, or null for the token ids alone */
  static void write(ModelConfig config, Path dir, String dtype, byte @Nullable [] generation) throws IOException {
    AtomicFiles.write(dir.resolve("config.json"), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json(config, dtype)));
    AtomicFiles.write(dir.resolve("generation_config.json"), generation == null ? generationOf(config) : generation);
  }

  private static byte[] generationOf(ModelConfig config) throws IOException {
    ObjectNode generation = JSON.createObjectNode();
    putTokens(generation, config);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(generation);
  }

  private static void putTokens(ObjectNode node, ModelConfig config) {
    if (config.bos() != null) node.put("bos_token_id", config.bos());
    else node.putNull("bos_token_id");
    if (config.eos().isEmpty()) node.putNull("eos_token_id");
    else if (config.eos().size() == 1) node.put("eos_token_id", config.eos().getFirst());
    else config.eos().forEach(node.putArray("eos_token_id")::add);
  }

  private static ObjectNode json(ModelConfig c, String dtype) {
    ObjectNode node = JSON.createObjectNode();
    node.putArray("architectures").add(c.architecture().className());
    node.put("model_type", c.architecture().modelType());
    putTokens(node, c);
    node.put("vocab_size", c.vocabSize());
    node.put("hidden_size", c.hiddenSize());
    node.put("intermediate_size", c.intermediateSize());
    node.put("num_hidden_layers", c.layers());
    node.put("num_attention_heads", c.heads());
    node.put("num_key_value_heads", c.kvHeads());
    if (c.architecture() != Architecture.QWEN2) node.put("head_dim", c.headDim());
    node.put("max_position_embeddings", c.maxPositions());
    node.put("initializer_range", c.initializerRange());
    node.put("rms_norm_eps", c.rmsNormEps());
    node.put("tie_word_embeddings", c.tied());
    node.put("attention_dropout", 0.0);
    node.put("use_cache", true);
    node.put("torch_dtype", dtype);
    node.put("rope_theta", c.ropeTheta());
    putRopeScaling(node, c.ropeScaling());
    putFamily(node, c);
    return node;
  }

  private static void putRopeScaling(ObjectNode node, @Nullable RopeScaling scaling) {
    if (scaling == null) {
      node.putNull("rope_scaling");
      return;
    }
    ObjectNode rope = node.putObject("rope_scaling");
    rope.put("rope_type", scaling.linear() ? "linear" : "llama3");
    rope.put("factor", scaling.factor());
    if (!scaling.linear()) {
      rope.put("low_freq_factor", scaling.lowFrequencyFactor());
      rope.put("high_freq_factor", scaling.highFrequencyFactor());
      rope.put("original_max_position_embeddings", scaling.originalPositions());
    }
  }

  private static void putFamily(ObjectNode node, ModelConfig c) {
    int window = c.windows().stream().mapToInt(Integer::intValue).max().orElse(0);
    boolean gemma = c.gemma() != null;
    node.put(gemma ? "hidden_activation" : "hidden_act", gemma ? "gelu_pytorch_tanh" : "silu");
    switch (c.architecture()) {
      case LLAMA -> {
        node.put("attention_bias", c.qkvBias());
        node.put("mlp_bias", c.mlpBias());
      }
      case QWEN2, QWEN3, QWEN3_MOE -> {
        if (c.architecture() != Architecture.QWEN2) node.put("attention_bias", c.qkvBias());
        node.put("use_sliding_window", window > 0);
        if (window > 0) node.put("sliding_window", window);
        else node.putNull("sliding_window");
        if (c.architecture() != Architecture.QWEN3_MOE) {
          node.put("max_window_layers", (int) c.windows().stream().filter(w -> w == 0).count());
          putLayerTypes(node, c);
        }
      }
      case MISTRAL, GEMMA2 -> {
        if (window > 0) node.put("sliding_window", window);
        else node.putNull("sliding_window");
      }
    }
    if (c.gemma() != null) {
      node.put("attention_bias", c.qkvBias());
      putLayerTypes(node, c);
      // transformers takes whole numbers only
      double scale = c.gemma().queryScale();
      if (scale == Math.rint(scale)) node.put("query_pre_attn_scalar", (long) scale);
      else node.put("query_pre_attn_scalar", scale);
      putCap(node, "attn_logit_softcapping", c.gemma().attentionSoftcap());
      putCap(node, "final_logit_softcapping", c.gemma().finalSoftcap());
    }
    if (c.experts() != null) {
      node.put("num_experts", c.experts().count());
      node.put("num_experts_per_tok", c.experts().active());
      node.put("moe_intermediate_size", c.experts().intermediateSize());
      node.put("norm_topk_prob", c.experts().normalised());
      node.put("decoder_sparse_step", 1);
      var dense = node.putArray("mlp_only_layers");
      c.experts().denseLayers().stream().sorted().forEach(dense::add);
    }
  }

  private static void putCap(ObjectNode node, String key, double cap) {
    if (cap > 0) node.put(key, cap);
    else node.putNull(key);
  }

  private static void putLayerTypes(ObjectNode node, ModelConfig c) {
    var types = node.putArray("layer_types");
    for (int window : c.windows()) types.add(window > 0 ? "sliding_attention" : "full_attention");
  }
}
