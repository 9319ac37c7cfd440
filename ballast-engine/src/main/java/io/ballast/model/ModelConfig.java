package io.ballast.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The shape of a decoder-only transformer, as in Hugging Face's {@code config.json}.
 *
 * @param architecture {@code model_type}
 * @param vocabSize {@code vocab_size}: V, rows of the embedding
 * @param hiddenSize {@code hidden_size}: H, width of the residual stream
 * @param intermediateSize {@code intermediate_size}: I, width of the gated MLP
 * @param layers {@code num_hidden_layers}
 * @param heads {@code num_attention_heads}: query heads
 * @param kvHeads {@code num_key_value_heads}: each serves {@link #group()} query heads
 * @param headDim {@code head_dim}: D
 * @param rmsNormEps {@code rms_norm_eps}
 * @param ropeTheta {@code rope_theta}
 * @param ropeScaling {@code rope_scaling} of type llama3 or linear, or none
 * @param tied {@code tie_word_embeddings}: the head is the embedding
 * @param qkvBias bias on the query, key and value projections
 * @param outputBias bias on the attention's output projection
 * @param mlpBias biases on the projections of the dense MLP
 * @param maxPositions {@code max_position_embeddings}: longest row
 * @param windows per layer, how many positions back a query sees (itself included), 0 = all
 * @param initializerRange {@code initializer_range}: standard deviation of random weights
 * @param bos {@code bos_token_id}, if any
 * @param eos {@code eos_token_id}: none, one or several
 * @param gemma what Gemma 2 adds, null for the others
 * @param experts the mixture of experts, null for dense models
 */
public record ModelConfig(
    Architecture architecture, int vocabSize, int hiddenSize, int intermediateSize, int layers, int heads, int kvHeads, int headDim,
    double rmsNormEps, double ropeTheta, @Nullable RopeScaling ropeScaling, boolean tied, boolean qkvBias, boolean outputBias,
    boolean mlpBias, int maxPositions, List<Integer> windows, double initializerRange, @Nullable Integer bos, List<Integer> eos,
    @Nullable Gemma gemma, @Nullable Experts experts) {

  /**
   * Stretched rotary frequencies.
   *
   * @param factor wavelengths beyond the pre-training length grow by this factor
   * @param lowFrequencyFactor, highFrequencyFactor bounds of the blend (llama3); both 0: every frequency is divided (linear)
   * @param originalPositions length the model was pre-trained at
   */
  public record RopeScaling(double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalPositions) {
    public RopeScaling {
      if (!(factor >= 1)) throw new IllegalArgumentException("rope_scaling.factor must be at least 1, got " + factor);
      if (lowFrequencyFactor != 0 && !(highFrequencyFactor > lowFrequencyFactor)) {
        throw new IllegalArgumentException("rope_scaling.high_freq_factor must be above low_freq_factor, got %s and %s"
            .formatted(highFrequencyFactor, lowFrequencyFactor));
      }
    }

    boolean linear() {
      return lowFrequencyFactor == 0;
    }
  }

  /**
   * Gemma 2's additions: norms around both sides of each block, GeLU gates, scaled embeddings and soft caps c·tanh(x/c), 0 = none.
   *
   * @param queryScale {@code query_pre_attn_scalar}: queries are divided by its root
   */
  public record Gemma(double queryScale, double attentionSoftcap, double finalSoftcap) {}

  /**
   * A mixture of experts in the layers that are not dense.
   *
   * @param count experts per layer
   * @param active experts a token is sent to
   * @param intermediateSize width of one expert
   * @param normalised the chosen experts' weights are scaled to sum to 1
   * @param denseLayers {@code mlp_only_layers} and those between {@code decoder_sparse_step}s: their MLP is one of {@code intermediate_size}
   */
  public record Experts(int count, int active, int intermediateSize, boolean normalised, Set<Integer> denseLayers) {
    public Experts {
      denseLayers = Set.copyOf(denseLayers);
      if (count < 1 || active < 1 || active > count) {
        throw new IllegalArgumentException("num_experts_per_tok must be in [1, num_experts], got %d of %d".formatted(active, count));
      }
    }
  }

  /** Beyond every model there is; a larger count is a damaged file, refused before anything of its size is made. */
  private static final int MOST_LAYERS = 2000, MOST_EXPERTS = 100_000;

  public ModelConfig {
    atLeastOne("vocab_size", vocabSize);
    atLeastOne("hidden_size", hiddenSize);
    atLeastOne("intermediate_size", intermediateSize);
    checkLayers(layers);
    atLeastOne("num_attention_heads", heads);
    atLeastOne("num_key_value_heads", kvHeads);
    atLeastOne("head_dim", headDim);
    atLeastOne("max_position_embeddings", maxPositions);
    if (experts != null) atMost("num_experts in all layers", (long) experts.count() * layers, MOST_EXPERTS);
    atMost("rows of the attention projections", (heads + 2L * kvHeads) * headDim, Integer.MAX_VALUE);
    atMost("rows of the MLP", 2L * intermediateSize, Integer.MAX_VALUE);
    if (heads % kvHeads != 0) {
      throw new IllegalArgumentException("num_attention_heads must be a multiple of num_key_value_heads, got %d and %d"
          .formatted(heads, kvHeads));
    }
    if (headDim % 2 != 0) throw new IllegalArgumentException("head_dim must be even for rotary positions, got " + headDim);
    if (!(rmsNormEps > 0)) throw new IllegalArgumentException("rms_norm_eps must be above 0, got " + rmsNormEps);
    if (!(ropeTheta > 0)) throw new IllegalArgumentException("rope_theta must be above 0, got " + ropeTheta);
    if (windows.size() != layers) {
      throw new IllegalArgumentException("layer_types has %d entries for num_hidden_layers %d".formatted(windows.size(), layers));
    }
    windows = List.copyOf(windows);
    eos = List.copyOf(eos);
  }

  private static void atLeastOne(String key, int value) {
    if (value < 1) throw new IllegalArgumentException(key + " must be at least 1, got " + value);
  }

  static void checkLayers(int layers) {
    atLeastOne("num_hidden_layers", layers);
    atMost("num_hidden_layers", layers, MOST_LAYERS);
  }

  private static void atMost(String what, long value, long most) {
    if (value > most) throw new IllegalArgumentException("%s must be at most %d, got %d".formatted(what, most, value));
  }

  /** A small dense model of the given family with that family's usual biases and full attention. */
  public static ModelConfig dense(Architecture architecture, int vocab, int hidden, int intermediate, int layers, int heads, int kvHeads,
      boolean tied, int maxPositions, @Nullable Integer bos, List<Integer> eos) {
    if (architecture == Architecture.GEMMA2 || architecture == Architecture.QWEN3_MOE) {
      throw new IllegalArgumentException(architecture.modelType() + " needs more than a dense shape: read its config.json");
    }
    if (hidden % heads != 0) {
      throw new IllegalArgumentException("hidden_size must be a multiple of num_attention_heads, got %d and %d".formatted(hidden, heads));
    }
    return new ModelConfig(architecture, vocab, hidden, intermediate, layers, heads, kvHeads, hidden / heads, 1e-6, 10_000, null, tied,
        architecture == Architecture.QWEN2, false, false, maxPositions, Collections.nCopies(layers, 0), 0.02, bos, eos, null, null);
  }

  /** Whether a layer's MLP is a mixture of experts. */
  public boolean routed(int layer) {
    return experts != null && !experts.denseLayers().contains(layer);
  }

  /** Layers whose MLP is a mixture of experts. */
  public int routedLayers() {
    return (int) IntStream.range(0, layers).filter(this::routed).count();
  }

  /** Query heads served by one key-value head. */
  public int group() {
    return heads / kvHeads;
  }

  /** Rows of the merged query-key-value projection. */
  public int qkvRows() {
    return (heads + 2 * kvHeads) * headDim;
  }

  /** Factor on q·k before the softmax. */
  public double attentionScale() {
    return 1 / Math.sqrt(gemma == null ? headDim : gemma.queryScale());
  }

  /** Same shape, another longest row: rotary positions need no table of weights. */
  public ModelConfig withMaxPositions(int positions) {
    return new ModelConfig(architecture, vocabSize, hiddenSize, intermediateSize, layers, heads, kvHeads, headDim, rmsNormEps, ropeTheta,
        ropeScaling, tied, qkvBias, outputBias, mlpBias, positions, windows, initializerRange, bos, eos, gemma, experts);
  }

  /** Same shape, random weights of another standard deviation. */
  public ModelConfig withInitializerRange(double range) {
    return new ModelConfig(architecture, vocabSize, hiddenSize, intermediateSize, layers, heads, kvHeads, headDim, rmsNormEps, ropeTheta,
        ropeScaling, tied, qkvBias, outputBias, mlpBias, maxPositions, windows, range, bos, eos, gemma, experts);
  }

  /**
   * Reads {@code config.json} of a checkpoint folder, for an adapter that of its model.
   *
   * @throws IllegalArgumentException naming the file and the key, if the architecture or a key that changes the mathematics is not
   *     supported, or a value is missing or of the wrong kind
   */
  public static ModelConfig read(Path dir) throws IOException {
    return ConfigFile.read(Policy.folder(dir, "config.json"));
  }

  /** Writes {@code config.json} and {@code generation_config.json} into a folder, each complete or not at all. */
  public void write(Path dir) throws IOException {
    ConfigFile.write(this, dir, "float32", null);
  }
}
