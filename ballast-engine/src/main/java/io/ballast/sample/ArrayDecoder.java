package io.ballast.sample;

import io.ballast.model.ModelConfig;
import io.ballast.model.Policy;
import io.ballast.model.Rope;
import io.ballast.model.Weights;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import io.ballast.tensor.Team;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of sampling on a CPU: rows of tokens in, rows of logits out, keys and values written to the cache in place.
 *
 * <p>A pass runs as one piece of code on all threads of a {@link Team}. Rows are shared out where a row needs no other (norms, rotation,
 * attention), outputs where all rows need one weight (products), with barriers between. Weights are the policy's own memory; matrix
 * products are oneDNN's, in fp32 the BLAS's at many rows or without {@link Brgemm}; everything between is plain Java on arrays, which
 * avoids some thirty tensor objects a layer.
 */
final class ArrayDecoder implements Decoder {
  /** A pass of fewer multiplications is quicker on one thread than with barriers. */
  private static final long SMALL = 4_000_000;
  /** With this many logits wanted at once a second, turned copy of the weights pays: products from {@link Panels} take half the time. */
  private static final int MANY_SLOTS = 8;
  /** Bytes of panels kept between calls: more is filled in little of the time that sampling takes, and training needs the memory. */
  private static final long KEPT = 128L << 20;

  private record Layer(Matrix qkv, Matrix output, Mlp mlp, Vectors vectors) {}

  /** What a layer has beside its matrices; {@code outputNorm} and {@code mlpOutputNorm} only where blocks are normalised behind, too. */
  private record Vectors(float[] inputNorm, float @Nullable [] qkvBias, float @Nullable [] queryNorm, float @Nullable [] keyNorm,
      float @Nullable [] outputBias, float @Nullable [] outputNorm, float[] mlpNorm, float @Nullable [] mlpOutputNorm) {}

  private final Policy policy;
  private final ModelConfig config;
  private final Team team;
  private final KvCache cache;
  private final long multiplications;
  private final Activation normed;
  private final Activation attended;
  private final Activation hidden;
  private final float[] x;
  private final float[] qkv;
  /** What a block adds to x, where that is normalised first. */
  private final float[] block;
  private final float[] logits;
  private final Matrix.Scratch[] scratch;
  private final AttentionKernel[] fast;
  private final AttentionKernel[] exact;
  private final int[] slotRow;
  private final DenseMlp.@Nullable Work dense;
  private final RoutedMlp.@Nullable Work routed;
  private final float embeddingScale;
  private final double cap;
  private final List<Layer> layers = new ArrayList<>();
  private final Rope rope;
  private float[] cos = new float[0];
  private float[] sin = new float[0];
  private float[] finalNorm = new float[0];
  private @Nullable Matrix head;
  private final boolean packable;
  private long packedVersion = -1;
  /** Whether the panels lie in the policy's gradients. */
  private boolean borrowed;
  private MemorySegment embedding = MemorySegment.NULL;
  /** Whether the embedding is in bf16, as in a policy that is not trained. */
  private boolean narrowEmbedding;

  /** @throws IllegalArgumentException if the policy's type is none it computes in */
  ArrayDecoder(Policy policy, Team team, int maxRows) {
    if (policy.dtype() != DType.FP32 && policy.dtype() != DType.BF16) {
      throw new IllegalArgumentException("sampling does not support dtype " + policy.dtype());
    }
    this.policy = policy;
    this.config = policy.config();
    this.team = team;
    boolean bf16 = policy.dtype() == DType.BF16;
    this.cache = KvCache.ofArrays(config, bf16);
    multiplications = policy.activeParameters();
    packable = bf16 ? Brgemm.narrowAvailable() && config.hiddenSize() % 2 == 0 && config.intermediateSize() % 2 == 0 : Brgemm.available();
    int rows = Share.padded(maxRows);
    normed = new Activation(rows, config.hiddenSize(), bf16);
    attended = new Activation(rows, config.heads() * config.headDim(), bf16);
    hidden = new Activation(LOGIT_ROWS, config.hiddenSize(), bf16);
    x = new float[rows * config.hiddenSize()];
    qkv = new float[rows * config.qkvRows()];
    boolean gemma = config.gemma() != null;
    block = new float[gemma ? x.length : 0];
    embeddingScale = gemma ? (float) Math.sqrt(config.hiddenSize()) : 1;
    cap = gemma ? config.gemma().finalSoftcap() : 0;
    dense = config.routedLayers() == config.layers() ? null : new DenseMlp.Work(gemma ? Gate.GELU_TANH : Gate.SILU, rows, config.intermediateSize(), bf16);
    routed = config.experts() == null ? null : new RoutedMlp.Work(config, rows, bf16, team.size());
    logits = new float[LOGIT_ROWS * config.vocabSize()];
    slotRow = new int[rows];
    scratch = new Matrix.Scratch[team.size()];
    fast = new AttentionKernel[team.size()];
    exact = new AttentionKernel[team.size()];
    for (int part = 0; part < team.size(); part++) {
      scratch[part] = new Matrix.Scratch();
      fast[part] = new AttentionKernel(config, cache, Numerics.FAST);
      exact[part] = new AttentionKernel(config, cache, Numerics.EXACT);
    }
    rope = new Rope(config, ScalarType.Float, Device.CPU);
  }

  @Override public KvCache cache() {
    return cache;
  }

  @Override public void refresh(Numerics numerics) {
    Weights master = policy.master();
    Weights weights = policy.weights();
    if (head == null) {
      for (int i = 0; i < config.layers(); i++) layers.add(layer(i, master.layer(i), weights.layer(i)));
      head = new Matrix(weights.head(), 1, team.size());
    } else {
      for (int i = 0; i < config.layers(); i++) {
        Layer old = layers.get(i);
        layers.set(i, new Layer(old.qkv, old.output, old.mlp, vectors(master.layer(i))));
      }
    }
    for (int i = 0; i < config.layers(); i++) layers.get(i).mlp.refresh(master.layer(i));
    finalNorm = gain(master.finalNorm());
    Tensor table = master.embedding();
    embedding = MemorySegment.ofAddress(table.data_ptr().address()).reinterpret(table.nbytes());
    narrowEmbedding = Native.type(table) == ScalarType.BFloat16;
  }

  private float bf16(long index) {
    return Float.intBitsToFloat(embedding.getAtIndex(ValueLayout.JAVA_SHORT, index) << 16);
  }

  private Layer layer(int index, Weights.Layer master, Weights.Layer weights) {
    int size = team.size();
    Mlp mlp = config.routed(index) ? new RoutedMlp(index, weights, routed, size) : new DenseMlp(weights, dense, size);
    return new Layer(new Matrix(weights.qkv(), 1, size), new Matrix(weights.output(), 1, size), mlp, vectors(master));
  }

  private Vectors vectors(Weights.Layer master) {
    float[] attentionNorm = gain(master.attentionNorm());
    Tensor before = master.mlpInputNorm();
    Tensor behind = master.mlpOutputNorm();
    return new Vectors(gain(master.inputNorm()), orNull(master.qkvBias()), orNull(master.queryNorm()), orNull(master.keyNorm()),
        orNull(master.outputBias()), before == null ? null : attentionNorm, before == null ? attentionNorm : gain(before),
        behind == null ? null : gain(behind));
  }

  /** The factor a norm multiplies by: its weight, or in Gemma 1 + weight. */
  private float[] gain(Tensor weight) {
    float[] gain = floats(weight);
    if (config.gemma() != null) for (int i = 0; i < gain.length; i++) gain[i] += 1;
    return gain;
  }

  static void add(float[] x, int at, float[] bias) {
    for (int i = 0; i < bias.length; i++) x[at + i] += bias[i];
  }

  /** The numbers of a vector of fp32. */
  static float @Nullable [] orNull(@Nullable Tensor tensor) {
    return tensor == null ? null : floats(tensor);
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.numel())];
    MemorySegment.copy(MemorySegment.ofAddress(tensor.data_ptr().address()).reinterpret(4L * values.length), ValueLayout.JAVA_FLOAT, 0,
        values, 0, values.length);
    return values;
  }

  @Override public void forward(Rows rows, Numerics numerics, LogitSink sink) {
    growRope(rows);
    for (int i = 0; i < rows.count; i++) if (rows.slot[i] >= 0) slotRow[rows.slot[i]] = i;
    boolean packed = numerics == Numerics.FAST && packable && rows.slots >= MANY_SLOTS;
    if (!packed && rows.count * multiplications < SMALL) {
      Share all = Share.of(team, 0, 1, rows, numerics, false, scratch[0]);
      new Pass(all, all).run(sink);
      return;
    }
    if (packed && packedVersion != policy.version()) pack();
    boolean alone = packed && routed == null && Share.separable(rows, team.size());
    team.run(part -> {
      Share share = Share.of(team, part, team.size(), rows, numerics, packed, scratch[part]);
      new Pass(share, alone ? Share.alone(team, part, rows, numerics, scratch[part]) : share).run(sink);
    });
  }

  private void pack() {
    Tensor lent = packedVersion >= 0 || keepsPanels() ? null : policy.lend();
    borrowed |= lent != null;
    var spare = new Spare(lent);
    team.run(part -> {
      for (Layer layer : layers) {
        layer.qkv.pack(part, spare);
        layer.output.pack(part, spare);
        layer.mlp.pack(part, spare);
      }
      head.pack(part, spare);
    });
    packedVersion = policy.version();
  }

  @Override public void rest() {
    if (packedVersion < 0 && !borrowed || keepsPanels()) return;
    for (Layer layer : layers) {
      layer.qkv.unpack();
      layer.output.unpack();
      layer.mlp.unpack();
    }
    head.unpack();
    packedVersion = -1;
    if (borrowed) policy.takeBack();
    borrowed = false;
  }

  private boolean keepsPanels() {
    return multiplications * policy.dtype().computeBytes() <= KEPT;
  }

  private void growRope(Rows rows) {
    int longest = 0;
    for (int i = 0; i < rows.count; i++) longest = Math.max(longest, rows.position[i] + 1);
    if (cos.length >= longest * config.headDim() / 2) return;
    try (var scope = Scope.open("rope")) {
      cos = floats(rope.cos(longest));
      sin = floats(rope.sin(longest));
    }
  }

  /** One thread's share of one pass. */
  private final class Pass {
    private final Share share;
    /** How layers are shared, which may be otherwise than the head. */
    private final Share own;
    private final int part;
    private final int size;
    private final Rows rows;
    private final Numerics numerics;
    private final int count;
    private final int hiddenSize = config.hiddenSize();
    private final int dim = config.headDim();
    private final int from;
    private final int to;

    Pass(Share share, Share own) {
      this.share = share;
      this.own = own;
      part = share.part();
      size = share.size();
      rows = share.rows();
      numerics = share.numerics();
      count = rows.count;
      from = own.from();
      to = own.to();
    }

    void run(LogitSink sink) {
      embed();
      for (int i = 0; i < layers.size(); i++) layer(i, layers.get(i));
      share.barrier(); // the head reads rows of every thread
      for (int first = 0; first < rows.slots; first += LOGIT_ROWS) head(first, Math.min(rows.slots, first + LOGIT_ROWS), sink);
      if (share.packed()) Brgemm.release();
    }

    private void embed() {
      for (int row = from; row < to; row++) {
        long at = (long) rows.token[row] * hiddenSize;
        if (narrowEmbedding) for (int i = 0; i < hiddenSize; i++) x[row * hiddenSize + i] = bf16(at + i);
        else MemorySegment.copy(embedding, ValueLayout.JAVA_FLOAT, 4 * at, x, row * hiddenSize, hiddenSize);
        if (embeddingScale != 1) for (int i = row * hiddenSize; i < (row + 1) * hiddenSize; i++) x[i] *= embeddingScale;
      }
      // Products of panels add to whole groups of rows; those without a token must not grow from pass to pass.
      if (part == size - 1) Arrays.fill(x, count * hiddenSize, share.padded() * hiddenSize, 0);
    }

    private void layer(int index, Layer layer) {
      Vectors v = layer.vectors;
      normed(v.inputNorm);
      own.product(layer.qkv, normed, qkv, config.qkvRows(), false);
      own.barrier();
      for (int row = from; row < to; row++) prepare(index, v, row);
      own.barrier();
      if (own.alone()) for (int row = from; row < to; row++) attend(index, row);
      else for (int row = part; row < count; row += size) attend(index, row);
      own.barrier();
      own.product(layer.output, attended, v.outputNorm == null ? x : block, hiddenSize, v.outputNorm == null);
      own.barrier();
      if (v.outputBias != null) for (int row = from; row < to; row++) add(v.outputNorm == null ? x : block, row * hiddenSize, v.outputBias);
      if (v.outputNorm != null) addNormed(v.outputNorm);
      normed(v.mlpNorm);
      layer.mlp.run(own, normed, v.mlpOutputNorm == null ? x : block, v.mlpOutputNorm == null);
      if (v.mlpOutputNorm != null) addNormed(v.mlpOutputNorm);
    }

    /** normed = norm(x), complete for all threads on return. */
    private void normed(float[] weight) {
      for (int row = from; row < to; row++) norm(x, row * hiddenSize, weight, normed.values, row * hiddenSize, hiddenSize);
      normed.publish(from, to);
      own.barrier();
    }

    /** x += norm(block). */
    private void addNormed(float[] weight) {
      for (int row = from; row < to; row++) {
        int at = row * hiddenSize;
        norm(block, at, weight, block, at, hiddenSize);
        for (int i = at; i < at + hiddenSize; i++) x[i] += block[i];
      }
    }

    /** Head norms, rotation and scale of the queries and keys of a row; keys and values go to the cache. */
    private void prepare(int index, Vectors layer, int row) {
      int at = row * config.qkvRows();
      if (layer.qkvBias != null) add(qkv, at, layer.qkvBias);
      KvCache.Block block = rows.block[row];
      int position = rows.position[row];
      float scale = (float) config.attentionScale();
      for (int kv = 0; kv < config.kvHeads(); kv++) {
        for (int g = 0; g <= config.group(); g++, at += dim) {
          boolean key = g == config.group();
          float[] weight = key ? layer.keyNorm : layer.queryNorm;
          if (weight != null) norm(qkv, at, weight, qkv, at, dim);
          rotate(at, position, key ? 1 : scale);
        }
        cache.put(block, index, kv, position, qkv, at - dim, at);
        at += dim;
      }
    }

    private void rotate(int at, int position, float scale) {
      int half = dim / 2;
      int angle = position * half;
      for (int i = 0; i < half; i++) {
        float a = qkv[at + i];
        float b = qkv[at + half + i];
        float c = cos[angle + i];
        float s = sin[angle + i];
        qkv[at + i] = (a * c - b * s) * scale;
        qkv[at + half + i] = (b * c + a * s) * scale;
      }
    }

    private void attend(int index, int row) {
      AttentionKernel kernel = numerics == Numerics.EXACT ? exact[part] : fast[part];
      int perHead = (config.group() + 2) * dim;
      int width = config.group() * dim;
      for (int kv = 0; kv < config.kvHeads(); kv++) {
        kernel.attend(qkv, row * config.qkvRows() + kv * perHead, rows.block[row], index, kv, rows.position[row],
            config.windows().get(index), attended.values, row * attended.columns + kv * width);
      }
      attended.publish(row, row + 1);
    }

    private void head(int first, int last, LogitSink sink) {
      int wanted = last - first;
      int vocabulary = config.vocabSize();
      for (int i = part; i < wanted; i += size) {
        norm(x, slotRow[first + i] * hiddenSize, finalNorm, hidden.values, i * hiddenSize, hiddenSize);
        hidden.publish(i, i + 1);
      }
      share.barrier();
      share.product(head, hidden, Share.padded(wanted), wanted, logits, vocabulary, false);
      share.barrier();
      for (int i = part; i < wanted; i += size) {
        SoftCap.inPlace(logits, i * vocabulary, vocabulary, cap, numerics);
        sink.accept(part, first + i, logits, i * vocabulary);
      }
      share.barrier();
    }

    private void norm(float[] x, int at, float[] weight, float[] to, int atTo, int width) {
      Norm.apply(x, at, weight, config.rmsNormEps(), to, atTo, width);
    }
  }

  @Override public long bytes() {
    return cache.bytes() + 4L * (x.length + qkv.length + block.length + logits.length + normed.values.length + attended.values.length
        + hidden.values.length) + (dense == null ? 0 : dense.bytes()) + (routed == null ? 0 : routed.bytes());
  }

  @Override public void close() {
    for (Layer layer : layers) {
      layer.qkv.close();
      layer.output.close();
      layer.mlp.close();
    }
    if (head != null) head.close();
    for (Matrix.Scratch s : scratch) s.close();
    for (Activation a : List.of(normed, attended, hidden)) a.close();
    if (dense != null) dense.close();
    if (routed != null) routed.close();
    rope.close();
    cache.close();
  }
}
