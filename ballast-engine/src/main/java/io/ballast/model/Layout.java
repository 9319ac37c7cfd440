package io.ballast.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where every weight of a model lies in one flat array, and which tensors of a Hugging Face checkpoint it is made of.
 *
 * <p>Projections that read the same input are merged, so that one matrix product serves them: gate over up, and query, key and value
 * <em>per key-value head</em>, {@code [q_0 … q_{G−1} k v]} repeated, so that one transposition of the product yields heads whose
 * group shares keys without a copy. Weights that decay come first, norms and biases last: an optimizer sees two ranges.
 */
public final class Layout {
  /** Slots start at multiples of this many elements: whole cache lines in every type. */
  private static final long ALIGNMENT = 32;

  /** How random weights start. */
  enum Init { NORMAL, ONES, ZEROS }

  /** {@code rows} rows of a checkpoint tensor, from its row {@code from}, lie at row {@code to} of the slot. */
  record Block(long from, long to, long rows) {}

  /** A tensor of the checkpoint and where its rows lie. */
  record Part(String name, long[] shape, List<Block> blocks) {}

  /**
   * One weight of this engine.
   *
   * @param decayed false for norms and biases
   * @param offset first element in the flat array
   */
  record Slot(String name, long[] shape, boolean decayed, Init init, long offset, List<Part> parts) {
    long size() {
      long size = 1;
      for (long n : shape) size *= n;
      return size;
    }

    /** Elements of one row: the product of all dimensions the parts do not cut. */
    long rowSize() {
      return shape.length == 1 ? 1 : shape[shape.length - 1];
    }
  }

  private final ModelConfig config;
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private long decayedSize;
  private long size;
  private long parameters;

  Layout(ModelConfig config) {
    this.config = config;
    List<Slot> all = new Plan(config).slots;
    place(all, true);
    decayedSize = size;
    place(all, false);
  }

  private void place(List<Slot> all, boolean decayed) {
    for (Slot slot : all) {
      if (slot.decayed != decayed) continue;
      slots.put(slot.name, new Slot(slot.name, slot.shape, decayed, slot.init, size, slot.parts));
      parameters += slot.size();
      size += (slot.size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
  }

  ModelConfig config() {
    return config;
  }

  /** Elements of the flat array, alignment gaps included; the gaps stay zero. */
  long size() {
    return size;
  }

  /** The first this many elements are subject to weight decay. */
  long decayedSize() {
    return decayedSize;
  }

  /** Elements behind those: norms and biases. */
  long vectorsSize() {
    return size - decayedSize;
  }

  /** Number of weights. */
  long parameters() {
    return parameters;
  }

  Iterable<Slot> slots() {
    return slots.values();
  }

  @Nullable Slot find(String name) {
    return slots.get(name);
  }

  /** The slot a flat index falls into, for messages. */
  Slot slotAt(long index) {
    Slot found = slots.values().iterator().next();
    for (Slot slot : slots.values()) if (slot.offset <= index) found = slot;
    return found;
  }

  /** Names the merged weights of one model, in the order of its checkpoint. */
  private static final class Plan {
    final List<Slot> slots = new ArrayList<>();
    final ModelConfig c;

    Plan(ModelConfig c) {
      this.c = c;
      plain("embedding", "model.embed_tokens.weight", Init.NORMAL, c.vocabSize(), c.hiddenSize());
      for (int layer = 0; layer < c.layers(); layer++) layer("layers." + layer + ".", "model.layers." + layer + ".", c.routed(layer));
      norm("finalNorm", "model.norm.weight", c.hiddenSize());
      if (!c.tied()) plain("head", "lm_head.weight", Init.NORMAL, c.vocabSize(), c.hiddenSize());
    }

    void layer(String to, String from, boolean routed) {
      long hidden = c.hiddenSize();
      norm(to + "inputNorm", from + "input_layernorm.weight", hidden);
      slots.add(slot(to + "qkv", true, Init.NORMAL, qkv(from + "self_attn.", ".weight", hidden), c.qkvRows(), hidden));
      if (c.qkvBias()) slots.add(slot(to + "qkvBias", false, Init.ZEROS, qkv(from + "self_attn.", ".bias", 0), c.qkvRows()));
      if (c.architecture().headNorms()) {
        norm(to + "queryNorm", from + "self_attn.q_norm.weight", c.headDim());
        norm(to + "keyNorm", from + "self_attn.k_norm.weight", c.headDim());
      }
      plain(to + "output", from + "self_attn.o_proj.weight", Init.NORMAL, hidden, (long) c.heads() * c.headDim());
      if (c.outputBias()) vector(to + "outputBias", from + "self_attn.o_proj.bias", Init.ZEROS, hidden);
      norm(to + "attentionNorm", from + "post_attention_layernorm.weight", hidden);
      if (c.gemma() != null) {
        norm(to + "mlpInputNorm", from + "pre_feedforward_layernorm.weight", hidden);
        norm(to + "mlpOutputNorm", from + "post_feedforward_layernorm.weight", hidden);
      }
      if (routed) experts(to, from + "mlp.");
      else dense(to, from + "mlp.");
    }

    void dense(String to, String from) {
      long hidden = c.hiddenSize(), width = c.intermediateSize();
      slots.add(slot(to + "gateUp", true, Init.NORMAL, gateUp(from, ".weight", 0, width, hidden), 2 * width, hidden));
      if (c.mlpBias()) slots.add(slot(to + "gateUpBias", false, Init.ZEROS, gateUp(from, ".bias", 0, width, 0), 2 * width));
      plain(to + "down", from + "down_proj.weight", Init.NORMAL, hidden, width);
      if (c.mlpBias()) vector(to + "downBias", from + "down_proj.bias", Init.ZEROS, hidden);
    }

    void experts(String to, String from) {
      long hidden = c.hiddenSize();
      long width = c.experts().intermediateSize();
      int count = c.experts().count();
      plain(to + "router", from + "gate.weight", Init.NORMAL, count, hidden);
      List<Part> gateUp = new ArrayList<>();
      List<Part> down = new ArrayList<>();
      for (int e = 0; e < count; e++) {
        String expert = from + "experts." + e + ".";
        gateUp.addAll(gateUp(expert, ".weight", e * 2 * width, width, hidden));
        down.add(new Part(expert + "down_proj.weight", new long[] {hidden, width}, List.of(new Block(0, e * hidden, hidden))));
      }
      slots.add(slot(to + "gateUp", true, Init.NORMAL, gateUp, count, 2 * width, hidden));
      slots.add(slot(to + "down", true, Init.NORMAL, down, count, hidden, width));
    }

    List<Part> gateUp(String from, String kind, long row, long width, long columns) {
      long[] shape = shape(width, columns);
      return List.of(new Part(from + "gate_proj" + kind, shape, List.of(new Block(0, row, width))),
          new Part(from + "up_proj" + kind, shape, List.of(new Block(0, row + width, width))));
    }

    List<Part> qkv(String from, String kind, long columns) {
      long dim = c.headDim();
      long group = c.group();
      long stride = (group + 2) * dim;
      List<Block> q = new ArrayList<>();
      List<Block> k = new ArrayList<>();
      List<Block> v = new ArrayList<>();
      for (int head = 0; head < c.kvHeads(); head++) {
        q.add(new Block(head * group * dim, head * stride, group * dim));
        k.add(new Block(head * dim, head * stride + group * dim, dim));
        v.add(new Block(head * dim, head * stride + (group + 1) * dim, dim));
      }
      return List.of(new Part(from + "q_proj" + kind, shape(c.heads() * dim, columns), q),
          new Part(from + "k_proj" + kind, shape(c.kvHeads() * dim, columns), k),
          new Part(from + "v_proj" + kind, shape(c.kvHeads() * dim, columns), v));
    }

    static long[] shape(long rows, long columns) {
      return columns == 0 ? new long[] {rows} : new long[] {rows, columns};
    }

    void norm(String name, String from, long size) {
      // Gemma multiplies by 1 + w, so its norms start at 0.
      vector(name, from, c.gemma() == null ? Init.ONES : Init.ZEROS, size);
    }

    void vector(String name, String from, Init init, long size) {
      slots.add(slot(name, false, init, List.of(new Part(from, new long[] {size}, List.of(new Block(0, 0, size)))), size));
    }

    void plain(String name, String from, Init init, long rows, long columns) {
      long[] shape = {rows, columns};
      slots.add(slot(name, true, init, List.of(new Part(from, shape, List.of(new Block(0, 0, rows)))), shape));
    }

    static Slot slot(String name, boolean decayed, Init init, List<Part> parts, long... shape) {
      return new Slot(name, shape, decayed, init, 0, parts);
    }
  }
}
