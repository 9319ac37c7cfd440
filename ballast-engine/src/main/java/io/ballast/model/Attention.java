package io.ballast.model;

import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import io.ballast.tensor.Workspace;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Causal grouped-query attention over padded rows and its gradient, in closed form.
 *
 * <pre>
 *   P = softmax(scale·Q Kᵀ + mask),   O = P V
 *   dV = Pᵀ dO,   dS = P ∘ (dO Vᵀ − rowsum(dO ∘ O)),   dQ = scale·dS K,   dK = scale·dSᵀ Q
 * </pre>
 *
 * <p>The G query heads of a group are rows of one matrix, so the sums over a group fall out of the products. P is never kept: the
 * backward pass computes it again. Long rows are cut into blocks of queries that only see the keys up to their end. Padding stands at
 * the end of a row, where causality hides it from every real token.
 *
 * <p>Layouts: B rows, S positions, K key-value heads, D head size; heads [B, K, G + 2, S, D] holds q_0 … q_{G−1}, k, v.
 */
final class Attention implements AutoCloseable {
  /** Rows up to this many positions are one block. */
  private static final int WHOLE = 256;

  private static final int BLOCK = 128;

  /** Numbers of the merged projection at once. */
  private static final long CACHED = 1 << 18;

  private record MaskShape(int queries, int keys, int window) {}

  private final ModelConfig config;
  private final Workspace ws;
  private final Rope rope;
  private final Device device;
  private final ScalarType type;
  private final Map<MaskShape, Tensor> masks = new HashMap<>();

  /** @param type element type of queries, keys and values */
  Attention(ModelConfig config, Workspace ws, Rope rope, ScalarType type, Device device) {
    this.config = config;
    this.ws = ws;
    this.rope = rope;
    this.type = type;
    this.device = device;
  }

  /** Turns the merged projection [B·S, rows] into rotated heads [B, K, G + 2, S, D]; a row's first place is position 0. */
  void split(Tensor qkv, Weights.Layer weights, Tensor heads) {
    int length = (int) heads.size(3);
    inPieces(heads, (from, count) -> split(qkv.narrow(0, from * length, count * length), weights, heads.narrow(0, from, count), cos(length), sin(length)));
  }

  private void inPieces(Tensor heads, Pieces.Rows work) {
    // The gradient of a head norm is one sum over all rows.
    boolean pieces = device.kind() == Device.Kind.CPU && !config.architecture().headNorms();
    Pieces.each(pieces, heads.size(0), heads.size(3) * config.qkvRows(), CACHED, work);
  }

  /** The same for places at other positions: {@code cos} and {@code sin} of their angles broadcast to [B, K, G + 1, S, D / 2]. */
  void split(Tensor qkv, Weights.Layer weights, Tensor heads, Tensor cos, Tensor sin) {
    long batch = heads.size(0);
    long length = heads.size(3);
    int group = config.group();
    Tensor projected = perHead(qkv, batch, length);
    heads.narrow(2, group + 1, 1).copy_(projected.narrow(2, group + 1, 1));
    Tensor queriesAndKeys = projected.narrow(2, 0, group + 1);
    if (weights.queryNorm() != null) queriesAndKeys = normalised(queriesAndKeys, weights);
    rotate(queriesAndKeys, heads.narrow(2, 0, group + 1), cos, sin, true);
  }

  /** Rotates in the tables' type; narrower numbers are converted whole on both sides, because mixing types costs a block per operation. */
  private void rotate(Tensor from, Tensor to, Tensor cos, Tensor sin, boolean forward) {
    Tensor source = from;
    if (Native.type(from) != rope.type()) source = ws.get("attention.unturned", rope.type(), Native.shape(from)).copy_(from);
    Tensor target = Native.type(to) == rope.type() ? to : ws.get("attention.turned", rope.type(), Native.shape(to));
    Rope.rotate(source, target, cos, sin, forward);
    if (target != to) to.copy_(target);
  }

  /** [B·S, K·(G+2)·D] seen as [B, K, G + 2, S, D]. */
  private Tensor perHead(Tensor qkv, long batch, long length) {
    return qkv.view(batch, length, config.kvHeads(), config.group() + 2, config.headDim()).permute(0, 2, 3, 1, 4);
  }

  private Tensor cos(int length) {
    return rope.cos(length).narrow(0, 0, length);
  }

  private Tensor sin(int length) {
    return rope.sin(length).narrow(0, 0, length);
  }

  private Tensor headScales(Tensor queriesAndKeys) {
    long[] s = Native.shape(queriesAndKeys);
    Tensor r = ws.get("attention.headScale", rope.type(), s[0], s[1], s[2], s[3], 1);
    if (Native.type(queriesAndKeys) == rope.type()) RmsNorm.scale(queriesAndKeys, config.rmsNormEps(), r);
    else RmsNorm.scale(queriesAndKeys.to(rope.type()), config.rmsNormEps(), r);
    return r;
  }

  private Tensor normalised(Tensor queriesAndKeys, Weights.Layer weights) {
    Tensor r = headScales(queriesAndKeys);
    Tensor y = ws.get("attention.normalised", rope.type(), Native.shape(queriesAndKeys));
    torch.mul_out(y, queriesAndKeys, r);
    y.narrow(2, 0, config.group()).mul_(weights.queryNorm());
    y.narrow(2, config.group(), 1).mul_(weights.keyNorm());
    return y;
  }

  /** Attention of one layer: {@code out} [B·S, heads·D] from rotated {@code heads}; {@code window} 0 sees everything before. */
  void forward(Tensor heads, int window, Tensor out) {
    long length = heads.size(3);
    inPieces(heads, (from, count) -> rows(heads.narrow(0, from, count), window, out.narrow(0, from * length, count * length)));
  }

  private void rows(Tensor heads, int window, Tensor out) {
    long batch = heads.size(0);
    int length = (int) heads.size(3);
    Tensor byHead = outPerHead(out, batch, length);
    for (int from = 0; from < length; from += blockSize(length)) {
      int to = Math.min(length, from + blockSize(length));
      try (var scope = Scope.open("attention block")) {
        Block block = new Block(heads, from, to, firstKey(from, window));
        Tensor p = probabilities(block.q, block.k, mask(block, window));
        Tensor o = ws.get("attention.o", type, block.q.size(0), block.q.size(1), config.headDim());
        torch.bmm_out(o, p, block.v);
        byHead.narrow(3, from, to - from).copy_(o.view(batch, config.kvHeads(), config.group(), to - from, config.headDim()));
      }
    }
  }

  /** [B·S, heads·D] seen as [B, K, G, S, D]. */
  private Tensor outPerHead(Tensor out, long batch, long length) {
    return out.view(batch, length, config.kvHeads(), config.group(), config.headDim()).permute(0, 2, 3, 1, 4);
  }

  private static int blockSize(int length) {
    return length <= WHOLE ? length : BLOCK;
  }

  /** First key any query from {@code from} on sees, rounded down so that shapes repeat. */
  private static int firstKey(int from, int window) {
    return window == 0 ? 0 : Math.max(0, from - window + 1) / 16 * 16;
  }

  /** Queries [from, to) of all heads against the keys they may see, as batches of matrices. */
  private final class Block {
    final int from;
    final int to;
    final int firstKey;
    /** [B·K, G·(to − from), D] */
    final Tensor q;
    /** [B·K, keys, D] */
    final Tensor k;
    final Tensor v;

    Block(Tensor heads, int from, int to, int firstKey) {
      this.from = from;
      this.to = to;
      this.firstKey = firstKey;
      long batch = heads.size(0) * heads.size(1);
      int group = config.group();
      Tensor flat = heads.view(batch, group + 2, heads.size(3), heads.size(4));
      q = flat.narrow(1, 0, group).narrow(2, from, to - from).reshape(batch, (long) group * (to - from), heads.size(4));
      k = flat.select(1, group).narrow(1, firstKey, to - firstKey);
      v = flat.select(1, group + 1).narrow(1, firstKey, to - firstKey);
    }

    Tensor scores(String name) {
      return Attention.this.scores(name, q, k);
    }
  }

  private Tensor scores(String name, Tensor q, Tensor k) {
    return ws.get(name, type, q.size(0), q.size(1), k.size(1));
  }

  /** P [N, queries, keys], a buffer, of {@code q} [N, queries, D] and {@code k} [N, keys, D]; {@code mask} is added to the scores and broadcast over N. */
  Tensor probabilities(Tensor q, Tensor k, Tensor mask) {
    Tensor scores = scores("attention.p", q, k);
    double cap = config.gemma() == null ? 0 : config.gemma().attentionSoftcap();
    if (cap == 0) {
      torch.baddbmm_out(scores, mask.expand(scores.size(0), -1, -1), q, k.transpose(1, 2), new Scalar(1.0),
          new Scalar(config.attentionScale()));
    } else {
      Tensor capped = scores("attention.capped", q, k);
      torch.bmm_out(capped, q, k.transpose(1, 2));
      capped.mul_(new Scalar(config.attentionScale() / cap)).tanh_();
      torch.add_out(scores, mask.expand(scores.size(0), -1, -1), capped, new Scalar(cap));
    }
    return torch.softmax_out(scores, scores, -1);
  }

  /** Additive mask [1, G·queries, keys]: 0 where the key may be seen, −∞ elsewhere. */
  private Tensor mask(Block block, int window) {
    int queries = block.to - block.from;
    int keys = block.to - block.firstKey;
    var key = new MaskShape(queries, keys, window);
    Tensor known = masks.get(key);
    if (known != null) return known;
    if (masks.size() > 64) close();
    try (var scope = Scope.open("mask")) {
      // A query q (counted within the block) stands at key position q + keys − queries.
      Tensor visible = Native.ones(type, device, queries, keys).tril(keys - queries);
      if (window > 0) visible = visible.triu(keys - queries - window + 1);
      Tensor mask = Native.zeros(type, device, queries, keys)
          .masked_fill_(visible.eq(new Scalar(0.0)), new Scalar(Double.NEGATIVE_INFINITY));
      Tensor repeated = Scope.own(mask.unsqueeze(0).expand(config.group(), queries, keys).reshape(1, (long) config.group() * queries, keys));
      masks.put(key, repeated);
      return repeated;
    }
  }

  /**
   * Gradient with respect to the merged projection.
   *
   * @param qkv the projection before head norms and rotation; read only where the architecture has head norms
   * @param heads as {@link #split} made them; out [B·S, heads·D] as {@link #forward} made it
   * @param dOut [B·S, heads·D]
   * @param dQkv [B·S, rows], overwritten
   */
  void backward(Tensor qkv, Tensor heads, Tensor out, Tensor dOut, int window, Weights.Layer weights, Weights.Layer gradients,
      Tensor dQkv, Turns.Of turns) {
    long length = heads.size(3);
    inPieces(heads, (from, count) -> {
      long first = from * length, places = count * length;
      rowsBackward(qkv, heads.narrow(0, from, count), out.narrow(0, first, places), dOut.narrow(0, first, places), window, weights, gradients,
          dQkv.narrow(0, first, places), turns);
    });
  }

  private void rowsBackward(Tensor qkv, Tensor heads, Tensor out, Tensor dOut, int window, Weights.Layer weights, Weights.Layer gradients,
      Tensor dQkv, Turns.Of turns) {
    long batch = heads.size(0);
    int length = (int) heads.size(3);
    long pairs = batch * config.kvHeads();
    int group = config.group();
    int dim = config.headDim();
    Tensor dHeads = ws.get("attention.dHeads", type, batch, config.kvHeads(), group + 2, length, dim);
    Tensor dFlat = dHeads.view(pairs, group + 2, length, dim);
    boolean whole = blockSize(length) == length;
    if (!whole) dFlat.narrow(1, group, 2).zero_();
    Tensor delta = delta(out, dOut, batch, length);
    for (int from = 0; from < length; from += blockSize(length)) {
      int to = Math.min(length, from + blockSize(length));
      try (var scope = Scope.open("attention block gradient")) {
        Block block = new Block(heads, from, to, firstKey(from, window));
        long rows = (long) group * (to - from);
        Tensor dO = ws.get("attention.dO", type, pairs, rows, dim);
        dO.view(batch, config.kvHeads(), group, to - from, dim).copy_(outPerHead(dOut, batch, length).narrow(3, from, to - from));
        Tensor p = probabilities(block.q, block.k, mask(block, window));
        Tensor dV = torch.bmm_out(ws.get("attention.dV", type, pairs, block.k.size(1), dim), p.transpose(1, 2), dO);
        Tensor dS = torch.bmm_out(block.scores("attention.dS"), dO, block.v.transpose(1, 2));
        Tensor subtracted = delta.narrow(2, from, to - from).reshape(pairs, rows, 1);
        dS.sub_(type == rope.type() ? subtracted : subtracted.to(type)).mul_(p);
        if (config.gemma() != null && config.gemma().attentionSoftcap() > 0) throughSoftcap(block, dS);
        Tensor dQ = torch.bmm_out(ws.get("attention.dQ", type, pairs, rows, dim), dS, block.k).mul_(new Scalar(config.attentionScale()));
        Tensor dK = torch.bmm_out(ws.get("attention.dK", type, pairs, block.k.size(1), dim), dS.transpose(1, 2), block.q)
            .mul_(new Scalar(config.attentionScale()));
        dFlat.narrow(1, 0, group).narrow(2, from, to - from).copy_(dQ.view(pairs, group, to - from, dim));
        add(dFlat.select(1, group).narrow(1, block.firstKey, block.k.size(1)), dK, whole);
        add(dFlat.select(1, group + 1).narrow(1, block.firstKey, block.k.size(1)), dV, whole);
      }
    }
    merge(qkv, dHeads, weights, gradients, dQkv, turns);
  }

  private static void add(Tensor to, Tensor part, boolean first) {
    if (first) to.copy_(part);
    else to.add_(part);
  }

  /** rowsum(dO ∘ O), [B·K, G, S]. */
  private Tensor delta(Tensor out, Tensor dOut, long batch, long length) {
    // Summed in the wide type: dO Vᵀ − delta cancels.
    Tensor product = ws.get("attention.product", rope.type(), out.size(0), out.size(1));
    if (type == rope.type()) torch.mul_out(product, out, dOut);
    else product.copy_(out).mul_(ws.get("attention.dOutWide", rope.type(), out.size(0), out.size(1)).copy_(dOut));
    return product.view(batch, length, config.kvHeads(), config.group(), config.headDim()).sum(-1).permute(0, 2, 3, 1)
        .reshape(batch * config.kvHeads(), config.group(), length);
  }

  /** d tanh: the derivative of c·tanh(s/c) is 1 − tanh². */
  private void throughSoftcap(Block block, Tensor dS) {
    Tensor capped = block.scores("attention.capped");
    dS.addcmul_(dS.mul(capped), capped, new Scalar(-1.0));
  }

  /** The way back of {@link #split}. */
  private void merge(Tensor qkv, Tensor dHeads, Weights.Layer weights, Weights.Layer gradients, Tensor dQkv, Turns.Of turns) {
    long batch = dHeads.size(0);
    int length = (int) dHeads.size(3);
    int group = config.group();
    Tensor target = perHead(dQkv, batch, length);
    target.narrow(2, group + 1, 1).copy_(dHeads.narrow(2, group + 1, 1));
    Tensor dTurned = dHeads.narrow(2, 0, group + 1);
    Tensor into = target.narrow(2, 0, group + 1);
    if (weights.queryNorm() == null) {
      rotate(dTurned, into, cos(length), sin(length), false);
      return;
    }
    Tensor dy = ws.get("attention.dNormalised", rope.type(), Native.shape(into));
    rotate(dTurned, dy, cos(length), sin(length), false);
    Tensor raw = perHead(qkv, batch, length).narrow(2, 0, group + 1);
    Tensor r = headScales(raw);
    Tensor normalised = torch.mul_out(ws.get("attention.normalised", rope.type(), Native.shape(into)), raw, r);
    Tensor product = dy.mul(normalised);
    turns.at(gradients.queryNorm(), () -> gradients.queryNorm().add_(product.narrow(2, 0, group).sum(0, 1, 2, 3)));
    turns.at(gradients.keyNorm(), () -> gradients.keyNorm().add_(product.narrow(2, group, 1).sum(0, 1, 2, 3)));
    dy.narrow(2, 0, group).mul_(weights.queryNorm());
    dy.narrow(2, group, 1).mul_(weights.keyNorm());
    Tensor mean = torch.mul_out(product, dy, normalised).mean(new long[] {-1}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
    dy.addcmul_(normalised, mean, new Scalar(-1.0));
    torch.mul_out(into, dy, r);
  }

  @Override public void close() {
    masks.values().forEach(Scope::release);
    masks.clear();
  }
}
