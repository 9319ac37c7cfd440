package io.ballast.model;

import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import io.ballast.tensor.Workspace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Attention of new tokens to keys and values kept on the device, with libtorch operations alone. The formula is {@link Attention}'s.
 *
 * <p>Each layer has its keys and its values in one tensor [K, places, D]. A pass writes its own into their places, then gathers each
 * sequence's, however they are scattered, into a batch of matrices.
 */
final class CachedAttention implements AutoCloseable {
  private static final int KEYS = 0, VALUES = 1;

  private final ModelConfig config;
  private final Workspace ws;
  private final Attention attention;
  private final Rope rope;
  private final ScalarType type;
  private final Device device;
  /** Per layer keys and values. */
  private final Tensor[][] kept;
  private long capacity;

  /** @param type element type of keys and values */
  CachedAttention(ModelConfig config, Workspace ws, Attention attention, Rope rope, ScalarType type, Device device) {
    this.config = config;
    this.ws = ws;
    this.attention = attention;
    this.rope = rope;
    this.type = type;
    this.device = device;
    kept = new Tensor[config.layers()][2];
  }

  /** Makes room for this many places; what has been written stays. Grows by half at least, one tensor at a time. */
  void reserve(long places) {
    if (places <= capacity) return;
    long grown = Math.max(places, capacity + capacity / 2);
    for (Tensor[] layer : kept) {
      for (int i = KEYS; i <= VALUES; i++) {
        try (var scope = Scope.open("cache")) {
          // Zeros: a place nobody has written is masked, and 0 · NaN would not be 0.
          Tensor wider = Scope.own(Native.zeros(type, device, config.kvHeads(), grown, config.headDim()));
          if (layer[i] != null) {
            wider.narrow(1, 0, capacity).copy_(layer[i]);
            Scope.release(layer[i]);
          }
          layer[i] = wider;
        }
      }
    }
    capacity = grown;
  }

  long bytes() {
    return capacity == 0 ? 0 : 2L * config.layers() * kept[0][KEYS].nbytes();
  }

  /** One pass: its indices, angles and masks on the device. Lives as long as the scope it was made in. */
  final class Pass {
    private final Tensor places;
    private final Tensor cos;
    private final Tensor sin;
    private final List<Batch> batches = new ArrayList<>();

    Pass(CachedRows rows) {
      int longest = 0;
      for (long position : rows.positions()) longest = Math.max(longest, (int) position + 1);
      Tensor positions = Native.longs(device, rows.positions());
      places = Native.longs(device, rows.places());
      cos = rope.cos(longest).index_select(0, positions).view(-1, 1, 1, 1, config.headDim() / 2);
      sin = rope.sin(longest).index_select(0, positions).view(-1, 1, 1, 1, config.headDim() / 2);
      for (CachedRows.Span span : rows.spans()) batches.add(new Batch(span, positions));
    }

    Tensor cos() {
      return cos;
    }

    Tensor sin() {
      return sin;
    }

    /** {@code out} [T, heads · D] from rotated {@code heads} [T, K, G + 2, 1, D], whose keys and values are kept. */
    void attend(int layer, Tensor heads, Tensor out) {
      Tensor one = heads.select(3, 0);
      for (int i = KEYS; i <= VALUES; i++) kept[layer][i].index_copy_(1, places, one.select(2, config.group() + i).transpose(0, 1));
      Tensor queries = one.narrow(2, 0, config.group());
      for (Batch batch : batches) {
        try (var scope = Scope.open("cached attention")) {
          batch.attend(layer, queries, out);
        }
      }
    }
  }

  /** B sequences of n queries and L keys. */
  private final class Batch {
    final int sequences;
    final int length;
    final long queries;
    final Tensor rows;
    final Tensor keys;
    /** Per window, additive [K · B, G · n, L]. */
    final Map<Integer, Tensor> masks = new HashMap<>();

    Batch(CachedRows.Span span, Tensor positions) {
      sequences = span.sequences();
      length = span.length();
      queries = span.rows().length / sequences;
      rows = Native.longs(device, span.rows());
      keys = Native.longs(device, span.keys());
      Tensor at = positions.index_select(0, rows).view(sequences, queries, 1);
      Tensor key = Native.counting(device, length).view(1, 1, length);
      for (int window : new HashSet<>(config.windows())) masks.put(window, mask(at, key, window));
    }

    private Tensor mask(Tensor at, Tensor key, int window) {
      Tensor hidden = key.gt(at);
      if (window > 0) hidden = hidden.logical_or(key.le(at.sub(new Scalar(window))));
      Tensor mask = Native.zeros(type, device, sequences, queries, length).masked_fill_(hidden, new Scalar(Double.NEGATIVE_INFINITY));
      return mask.view(1, sequences, 1, queries, length).expand(config.kvHeads(), sequences, config.group(), queries, length)
          .reshape((long) config.kvHeads() * sequences, config.group() * queries, length);
    }

    private Tensor gathered(String buffer, Tensor from) {
      Tensor to = ws.get(buffer, type, config.kvHeads(), (long) sequences * length, config.headDim());
      return torch.index_select_out(to, from, 1, keys).view((long) config.kvHeads() * sequences, length, config.headDim());
    }

    void attend(int layer, Tensor all, Tensor out) {
      int group = config.group();
      long pairs = (long) config.kvHeads() * sequences;
      Tensor q = all.index_select(0, rows).view(sequences, queries, config.kvHeads(), group, config.headDim()).permute(2, 0, 3, 1, 4)
          .reshape(pairs, group * queries, config.headDim());
      Tensor p = attention.probabilities(q, gathered("cached.k", kept[layer][KEYS]), masks.get(config.windows().get(layer)));
      Tensor o = p.bmm(gathered("cached.v", kept[layer][VALUES]));
      out.index_copy_(0, rows, o.view(config.kvHeads(), sequences, group, queries, config.headDim()).permute(1, 3, 0, 2, 4)
          .reshape(sequences * queries, out.size(1)));
    }
  }

  @Override public void close() {
    for (Tensor[] layer : kept) for (Tensor tensor : layer) if (tensor != null) Scope.release(tensor);
  }
}
