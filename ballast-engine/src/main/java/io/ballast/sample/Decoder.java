package io.ballast.sample;

import io.ballast.model.ModelConfig;
import io.ballast.model.Policy;
import io.ballast.model.Rope;
import io.ballast.model.Weights;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import io.ballast.tensor.Scope;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of sampling on a CPU: rows of tokens in, rows of logits out, keys and values written to the cache in place.
 *
 * <p>A pass runs as one piece of code on all threads of a {@link Team}. Rows are shared out where a row needs no other (norms, rotation,
 * attention), outputs where all rows need one weight (products), with barriers between. Weights are the policy's own memory; matrix
 * products are the BLAS's in fp32 and libtorch's (oneDNN) in bf16; everything between is plain Java on arrays, which avoids some thirty
 * tensor objects a layer.
 */
final class Decoder implements AutoCloseable {
  /** Rows are padded to a multiple of this: full vectors, and the same bits for a row whatever stands beside it. */
  private static final int PAD = 16;
  /** A pass of fewer multiplications is quicker on one thread than with barriers. */
  private static final long SMALL = 4_000_000;
  /** Rows of logits held at once. */
  static final int LOGIT_ROWS = 64;

  /** Takes one row of logits, {@code logits[at … at + vocabulary)}; called from several threads, each slot once. */
  interface LogitSink {
    void accept(int part, int slot, float[] logits, int at);
  }

  private record Layer(float[] inputNorm, Matrix qkv, float @Nullable [] qkvBias, float @Nullable [] queryNorm,
      float @Nullable [] keyNorm, Matrix output, float @Nullable [] outputBias, float[] attentionNorm, Matrix gateUp, Matrix down) {}

  private final Policy policy;
  private final ModelConfig config;
  private final Team team;
  private final KvCache cache;
  private final long multiplications;
  private final Activation normed;
  private final Activation attended;
  private final Activation active;
  private final Activation hidden;
  private final float[] x;
  private final float[] qkv;
  private final float[] gateUp;
  private final float[] logits;
  private final Matrix.Scratch[] scratch;
  private final AttentionKernel[] fast;
  private final AttentionKernel[] exact;
  private final int[] slotRow;
  private final List<Layer> layers = new ArrayList<>();
  private final Rope rope;
  private float[] cos = new float[0];
  private float[] sin = new float[0];
  private float[] finalNorm = new float[0];
  private @Nullable Matrix head;
  private MemorySegment embedding = MemorySegment.NULL;

  Decoder(Policy policy, KvCache cache, Team team, int maxRows) {
    this.policy = policy;
    this.config = policy.config();
    this.team = team;
    this.cache = cache;
    multiplications = policy.parameters();
    boolean bf16 = policy.dtype() == DType.BF16;
    int rows = padded(maxRows);
    normed = new Activation(rows, config.hiddenSize(), bf16);
    attended = new Activation(rows, config.heads() * config.headDim(), bf16);
    active = new Activation(rows, config.intermediateSize(), bf16);
    hidden = new Activation(LOGIT_ROWS, config.hiddenSize(), bf16);
    x = new float[rows * config.hiddenSize()];
    qkv = new float[rows * config.qkvRows()];
    gateUp = new float[rows * 2 * config.intermediateSize()];
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

  /** Why this decoder cannot run a policy, or null if it can. */
  static @Nullable String unsupported(Policy policy) {
    if (policy.device().kind() != Device.Kind.CPU) return "device " + policy.device();
    if (policy.dtype() != DType.FP32 && policy.dtype() != DType.BF16) return "dtype " + policy.dtype();
    if (policy.config().gemma() != null) return "Gemma's norms and soft caps";
    if (policy.config().experts() != null) return "a mixture of experts";
    return null;
  }

  private static int padded(int rows) {
    return (rows + PAD - 1) / PAD * PAD;
  }

  /** Takes the policy's weights as they are now; to be called before the first pass and after every change of the policy. */
  void refresh() {
    Weights master = policy.master();
    Weights weights = policy.weights();
    if (head == null) {
      for (int i = 0; i < config.layers(); i++) layers.add(layer(master.layer(i), weights.layer(i)));
      head = new Matrix(weights.head(), 1, team.size());
    } else {
      for (int i = 0; i < config.layers(); i++) layers.set(i, refreshed(layers.get(i), master.layer(i)));
    }
    finalNorm = floats(master.finalNorm());
    Tensor table = master.embedding();
    embedding = MemorySegment.ofAddress(table.data_ptr().address()).reinterpret(table.nbytes());
  }

  private Layer layer(Weights.Layer master, Weights.Layer weights) {
    int size = team.size();
    return refreshed(new Layer(new float[0], new Matrix(weights.qkv(), 1, size), null, null, null, new Matrix(weights.output(), 1, size),
        null, new float[0], new Matrix(weights.gateUp(), 2, size), new Matrix(weights.down(), 1, size)), master);
  }

  private static Layer refreshed(Layer old, Weights.Layer master) {
    return new Layer(floats(master.inputNorm()), old.qkv, orNull(master.qkvBias()), orNull(master.queryNorm()),
        orNull(master.keyNorm()), old.output, orNull(master.outputBias()), floats(master.attentionNorm()), old.gateUp, old.down);
  }

  private static float @Nullable [] orNull(@Nullable Tensor tensor) {
    return tensor == null ? null : floats(tensor);
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.numel())];
    MemorySegment.copy(MemorySegment.ofAddress(tensor.data_ptr().address()).reinterpret(4L * values.length), ValueLayout.JAVA_FLOAT, 0,
        values, 0, values.length);
    return values;
  }

  /** Runs all rows; every row that wants logits reaches {@code sink} once. */
  void forward(Rows rows, Numerics numerics, LogitSink sink) {
    growRope(rows);
    for (int i = 0; i < rows.count; i++) if (rows.slot[i] >= 0) slotRow[rows.slot[i]] = i;
    if (rows.count * multiplications < SMALL) new Pass(0, 1, rows, numerics).run(sink);
    else team.run(part -> new Pass(part, team.size(), rows, numerics).run(sink));
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
    private final int part;
    private final int size;
    private final Rows rows;
    private final Numerics numerics;
    private final int count;
    private final int padded;
    private final int hiddenSize = config.hiddenSize();
    private final int dim = config.headDim();
    private final int from;
    private final int to;

    Pass(int part, int size, Rows rows, Numerics numerics) {
      this.part = part;
      this.size = size;
      this.rows = rows;
      this.numerics = numerics;
      count = rows.count;
      padded = padded(count);
      from = count * part / size;
      to = count * (part + 1) / size;
    }

    void run(LogitSink sink) {
      embed();
      for (int i = 0; i < layers.size(); i++) layer(i, layers.get(i));
      for (int first = 0; first < rows.slots; first += LOGIT_ROWS) head(first, Math.min(rows.slots, first + LOGIT_ROWS), sink);
    }

    private void barrier() {
      if (size > 1) team.barrier();
    }

    private void embed() {
      for (int row = from; row < to; row++) {
        MemorySegment.copy(embedding, ValueLayout.JAVA_FLOAT, 4L * rows.token[row] * hiddenSize, x, row * hiddenSize, hiddenSize);
      }
    }

    private void layer(int index, Layer layer) {
      for (int row = from; row < to; row++) norm(x, row * hiddenSize, layer.inputNorm, normed.values, row * hiddenSize, hiddenSize);
      normed.publish(from, to);
      barrier();
      product(layer.qkv, normed, qkv, config.qkvRows(), false);
      barrier();
      for (int row = from; row < to; row++) prepare(index, layer, row);
      barrier();
      for (int row = part; row < count; row += size) attend(index, row);
      barrier();
      product(layer.output, attended, x, hiddenSize, true);
      barrier();
      if (layer.outputBias != null) for (int row = from; row < to; row++) add(x, row * hiddenSize, layer.outputBias);
      for (int row = from; row < to; row++) norm(x, row * hiddenSize, layer.attentionNorm, normed.values, row * hiddenSize, hiddenSize);
      normed.publish(from, to);
      barrier();
      product(layer.gateUp, normed, gateUp, 2 * config.intermediateSize(), false);
      barrier();
      for (int row = from; row < to; row++) gate(row);
      active.publish(from, to);
      barrier();
      product(layer.down, active, x, hiddenSize, true);
      barrier();
    }

    private void product(Matrix matrix, Activation in, float[] out, int ld, boolean add) {
      matrix.apply(part, size, in, padded, count, out, ld, add, numerics, scratch[part]);
    }

    /** Head norms, rotation and scale of the queries and keys of a row; keys and values go to the cache. */
    private void prepare(int index, Layer layer, int row) {
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
        long offset = 4L * (position - block.start) * dim;
        MemorySegment.copy(qkv, at - dim, block.memory, ValueLayout.JAVA_FLOAT, cache.keys(block, index, kv) + offset, dim);
        MemorySegment.copy(qkv, at, block.memory, ValueLayout.JAVA_FLOAT, cache.values(block, index, kv) + offset, dim);
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

    /** active = silu(gate) · up. */
    private void gate(int row) {
      int width = config.intermediateSize();
      int g = row * 2 * width;
      int a = row * width;
      for (int i = 0; i < width; i++) active.values[a + i] = -gateUp[g + i];
      Exp.inPlace(active.values, a, width, numerics);
      for (int i = 0; i < width; i++) active.values[a + i] = gateUp[g + i] / (1 + active.values[a + i]) * gateUp[g + width + i];
    }

    private void head(int first, int last, LogitSink sink) {
      int wanted = last - first;
      int vocabulary = config.vocabSize();
      for (int i = part; i < wanted; i += size) {
        norm(x, slotRow[first + i] * hiddenSize, finalNorm, hidden.values, i * hiddenSize, hiddenSize);
        hidden.publish(i, i + 1);
      }
      barrier();
      head.apply(part, size, hidden, padded(wanted), wanted, logits, vocabulary, false, numerics, scratch[part]);
      barrier();
      for (int i = part; i < wanted; i += size) sink.accept(part, first + i, logits, i * vocabulary);
      barrier();
    }

    /** to = x · (mean x² + ε)^(−1/2) · weight over {@code width} elements. */
    private void norm(float[] x, int at, float[] weight, float[] to, int atTo, int width) {
      float a = 0;
      float b = 0;
      float c = 0;
      float d = 0;
      int i = 0;
      for (; i + 3 < width; i += 4) {
        a += x[at + i] * x[at + i];
        b += x[at + i + 1] * x[at + i + 1];
        c += x[at + i + 2] * x[at + i + 2];
        d += x[at + i + 3] * x[at + i + 3];
      }
      for (; i < width; i++) a += x[at + i] * x[at + i];
      float r = (float) (1 / Math.sqrt((double) (a + b + (c + d)) / width + config.rmsNormEps()));
      for (i = 0; i < width; i++) to[atTo + i] = x[at + i] * r * weight[i];
    }

    private void add(float[] x, int at, float[] bias) {
      for (int i = 0; i < bias.length; i++) x[at + i] += bias[i];
    }
  }

  /** Bytes of native memory and arrays held, weights and cache not counted. */
  long bytes() {
    return 4L * (x.length + qkv.length + gateUp.length + logits.length + normed.values.length + attended.values.length
        + active.values.length + hidden.values.length);
  }

  @Override public void close() {
    for (Layer layer : layers) {
      layer.qkv.close();
      layer.output.close();
      layer.gateUp.close();
      layer.down.close();
    }
    if (head != null) head.close();
    for (Matrix.Scratch s : scratch) s.close();
    for (Activation a : List.of(normed, attended, active, hidden)) a.close();
    rope.close();
  }
}
