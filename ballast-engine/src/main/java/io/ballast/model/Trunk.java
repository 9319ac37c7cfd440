package io.ballast.model;

import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import io.ballast.tensor.Workspace;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Embedding and layers, forwards and, layer by layer in reverse, their gradient in closed form: no autograd graph is ever built, so
 * what is kept for the backward pass is exactly what is written down here.
 *
 * <p>T positions of one {@link MicroBatch}; {@link Spread} takes them to the rows that attention works on, and back. Per layer and position the backward pass keeps x, the rotated heads, the
 * attention's output, x after attention and the merged gate: 2 H + (heads + 2 kvHeads) D + heads D + 2 I numbers; with checkpointing
 * only x.
 */
final class Trunk implements AutoCloseable {
  private final ModelConfig config;
  private final Workspace ws;
  private final Rope rope;
  private final Attention attention;
  private final @Nullable ExpertMlp experts;
  private final boolean gemma;
  private final Device device;
  private final ScalarType math;
  private final ScalarType compute;

  /**
   * @param math element type of the residual stream, norms and gradients
   * @param compute element type of the operands of matrix products
   */
  Trunk(ModelConfig config, Workspace ws, ScalarType math, ScalarType compute, Device device) {
    this.config = config;
    this.ws = ws;
    this.math = math;
    this.compute = compute;
    this.device = device;
    this.rope = new Rope(config, math, device);
    this.attention = new Attention(config, ws, rope, compute, device);
    this.experts = config.experts() == null ? null : new ExpertMlp(config, ws, math, compute, device);
    this.gemma = config.gemma() != null;
  }

  /** What a layer leaves behind; {@code slot} names its buffers: its own number, or a shared one where nothing is kept. */
  private final class Tape {
    final String slot;
    final Tensor x;
    final Tensor inputScale;
    final Tensor qkv;
    final Tensor heads;
    final Tensor attended;
    final Tensor middle;
    final Tensor middleScale;
    final Tensor gateUp;
    /** [T · k] experts to follow, or null. */
    final long @Nullable [] routes;

    Tape(int layer, String slot, String xSlot, MicroBatch batch) {
      this.slot = slot;
      this.routes = batch.routes() == null ? null : batch.routes()[layer];
      long rows = batch.rows();
      long length = batch.length();
      long t = batch.ids().length;
      x = ws.get("x." + xSlot, math, t, config.hiddenSize());
      inputScale = ws.get("inputScale." + slot, math, t, 1);
      boolean keepsProjection = config.architecture().headNorms();
      qkv = ws.get("qkv." + (keepsProjection ? slot : "shared"), compute, t, config.qkvRows());
      heads = ws.get("heads." + slot, compute, rows, config.kvHeads(), config.group() + 2L, length, config.headDim());
      attended = ws.get("attended." + slot, compute, rows * length, (long) config.heads() * config.headDim());
      middle = ws.get("middle." + slot, math, t, config.hiddenSize());
      middleScale = ws.get("middleScale." + slot, math, t, 1);
      gateUp = config.routed(layer)
          ? ws.get("gateUp.experts." + slot, compute, t * config.experts().active(), 2L * config.experts().intermediateSize())
          : ws.get("gateUp." + slot, compute, t, 2L * config.intermediateSize());
    }
  }

  /** Gemma 2 normalises what a block adds: the block's output before that, and the scale of its rows. */
  private Tensor blockOutput(String block, Tape tape) {
    return ws.get(block + ".out." + tape.slot, math, tape.x.size(0), config.hiddenSize());
  }

  private Tensor blockScale(String block, Tape tape) {
    return ws.get(block + ".scale." + tape.slot, math, tape.x.size(0), 1);
  }

  /** The factor a norm multiplies by: its weight, or in Gemma 1 + weight. */
  private Tensor gain(Tensor weight) {
    return gemma ? weight.add(new Scalar(1.0)) : weight;
  }

  private Tensor normed(Tensor x, Tensor scale, Tensor weight) {
    Tensor y = ws.get("normed", compute, x.size(0), x.size(1));
    RmsNorm.apply(ws, x, scale, gain(weight), y);
    return y;
  }

  /** How the positions of a pass see one another: attention's output [T, heads · D] from a layer's projection in {@code tape.qkv}. */
  private interface Sight {
    Tensor attended(int layer, Weights.Layer master, Tape tape);
  }

  /** Embeds and runs all layers; the result [T, H] is a buffer of the workspace. With {@code keep}, {@link #backward} can follow. */
  Tensor forward(Weights master, Weights narrow, MicroBatch batch, Keep keep) {
    try (var scope = Scope.open("forward")) {
      return forward(master, narrow, batch, keep, within(new Spread(ws, device, batch)));
    }
  }

  /** The same where what came before each position is in a cache: T rows of one place. */
  Tensor forward(Weights master, Weights narrow, MicroBatch batch, CachedAttention.Pass cached) {
    Sight sight = (layer, weights, tape) -> {
      attention.split(tape.qkv, weights, tape.heads, cached.cos(), cached.sin());
      cached.attend(layer, tape.heads, tape.attended);
      return tape.attended;
    };
    return forward(master, narrow, batch, Keep.NOTHING, sight);
  }

  private Sight within(Spread spread) {
    return (layer, master, tape) -> {
      attention.split(spread.out("qkv.places", tape.qkv), master, tape.heads);
      attention.forward(tape.heads, config.windows().get(layer), tape.attended);
      return spread.back("attended.positions", tape.attended);
    };
  }

  private Tensor forward(Weights master, Weights narrow, MicroBatch batch, Keep keep, Sight sight) {
    long t = batch.ids().length;
    try (var scope = Scope.open("layers")) {
      Tensor x = ws.get("x." + xSlot(0, keep), math, t, config.hiddenSize());
      Tensor ids = Native.longs(device, batch.ids());
      if (Native.type(master.embedding()) == math) torch.index_select_out(x, master.embedding(), 0, ids);
      else x.copy_(master.embedding().index_select(0, ids));
      if (gemma) x.mul_(new Scalar(Math.sqrt(config.hiddenSize())));
      for (int i = 0; i < config.layers(); i++) {
        Tensor next = ws.get("x." + xSlot(i + 1, keep), math, t, config.hiddenSize());
        layer(i, master.layer(i), narrow.layer(i), tape(i, batch, keep), sight, next);
      }
      return ws.get("x." + xSlot(config.layers(), keep), math, t, config.hiddenSize());
    }
  }

  /** What a forward pass keeps for a backward pass. */
  enum Keep { NOTHING, INPUTS, ALL }

  private Tape tape(int layer, MicroBatch batch, Keep keep) {
    return new Tape(layer, keep == Keep.ALL ? Integer.toString(layer) : "shared", xSlot(layer, keep), batch);
  }

  private static String xSlot(int layer, Keep keep) {
    return keep == Keep.NOTHING ? (layer % 2 == 0 ? "even" : "odd") : Integer.toString(layer);
  }

  private void layer(int index, Weights.Layer master, Weights.Layer narrow, Tape tape, Sight sight, Tensor next) {
    try (var scope = Scope.open("layer")) {
      RmsNorm.scale(tape.x, config.rmsNormEps(), tape.inputScale);
      Linear.apply(normed(tape.x, tape.inputScale, master.inputNorm()), narrow.qkv(), tape.qkv);
      if (master.qkvBias() != null) tape.qkv.add_(narrow.qkvBias());
      Tensor attended = sight.attended(index, master, tape);
      if (gemma) {
        addNormed("attention", tape, tape.x, attended, narrow.output(), master.outputBias(), master.attentionNorm(), tape.middle);
      } else {
        Linear.addTo(ws, tape.x, attended, narrow.output(), tape.middle);
        if (master.outputBias() != null) tape.middle.add_(master.outputBias());
      }
      RmsNorm.scale(tape.middle, config.rmsNormEps(), tape.middleScale);
      Tensor normed = normed(tape.middle, tape.middleScale, mlpInputNorm(master));
      if (config.routed(index)) {
        Tensor given = tape.routes == null ? null : Native.longs(device, tape.routes).view(normed.size(0), -1);
        experts.forward(index, tape.slot, narrow, normed, given, tape.gateUp, next);
        next.add_(tape.middle);
        return;
      }
      Linear.apply(normed, narrow.gateUp(), tape.gateUp);
      if (master.gateUpBias() != null) tape.gateUp.add_(narrow.gateUpBias());
      Tensor active = ws.get("active", compute, tape.x.size(0), config.intermediateSize());
      GatedMlp.activate(tape.gateUp, gemma, active);
      if (gemma) {
        addNormed("mlp", tape, tape.middle, active, narrow.down(), master.downBias(), master.mlpOutputNorm(), next);
      } else {
        Linear.addTo(ws, tape.middle, active, narrow.down(), next);
        if (master.downBias() != null) next.add_(master.downBias());
      }
    }
  }

  private Tensor mlpInputNorm(Weights.Layer layer) {
    return layer.mlpInputNorm() == null ? layer.attentionNorm() : layer.mlpInputNorm();
  }

  /** to = base + norm(in Wᵀ + bias). */
  private void addNormed(String block, Tape tape, Tensor base, Tensor in, Tensor w, @Nullable Tensor bias, Tensor norm, Tensor to) {
    Tensor out = blockOutput(block, tape);
    if (math == compute) Linear.apply(in, w, out);
    else out.copy_(in.mm(w.t()));
    if (bias != null) out.add_(bias);
    Tensor scale = blockScale(block, tape);
    RmsNorm.scale(out, config.rmsNormEps(), scale);
    RmsNorm.apply(ws, out, scale, gain(norm), to);
    to.add_(base);
  }

  /** The way back through {@link #addNormed}'s norm: dL/d(in Wᵀ + bias) from dL/d(to), which stays as it is. */
  private Tensor throughNorm(String block, Tape tape, Tensor norm, Tensor dNorm, Tensor dx, Turns.Of turns) {
    Tensor dy = ws.get("dBlock.in", math, dx.size(0), dx.size(1)).copy_(dx);
    Tensor dOut = ws.get("dBlock.out", math, dx.size(0), dx.size(1)).zero_();
    RmsNorm.backward(ws, blockOutput(block, tape), blockScale(block, tape), gain(norm), dy, dOut, dNorm, turns);
    return dOut;
  }

  /** Adds the gradients of all weights of the trunk, given dL/d(result) [T, H] in {@code dx}, which is destroyed. */
  void backward(Weights master, Weights narrow, Weights gradients, MicroBatch batch, Keep keep, Tensor dx, Turns.Of turns) {
    var spread = new Spread(ws, device, batch);
    for (int i = config.layers() - 1; i >= 0; i--) {
      try (var scope = Scope.open("layer gradient")) {
        Tape tape = tape(i, batch, keep);
        if (keep == Keep.INPUTS) layer(i, master.layer(i), narrow.layer(i), tape, within(spread), ws.get("x.again", math, dx.size(0), dx.size(1)));
        mlpGradient(i, master.layer(i), narrow.layer(i), gradients.layer(i), tape, dx, turns);
        attentionGradient(i, master.layer(i), narrow.layer(i), gradients.layer(i), tape, spread, dx, turns);
      }
    }
    try (var scope = Scope.open("embedding gradient")) {
      if (gemma) dx.mul_(new Scalar(Math.sqrt(config.hiddenSize())));
      turns.ofEmbedding().at(gradients.embedding(), () -> gradients.embedding().index_add_(0, Native.longs(device, batch.ids()), dx));
    }
  }

  private Tensor narrowed(Tensor dx) {
    return Native.type(dx) == compute ? dx : ws.get("dx.narrow", compute, dx.size(0), dx.size(1)).copy_(dx);
  }

  private void mlpGradient(int index, Weights.Layer master, Weights.Layer narrow, Weights.Layer gradients, Tape tape, Tensor dx,
      Turns.Of turns) {
    Tensor normWeight = mlpInputNorm(master);
    Tensor dNormed;
    if (config.routed(index)) {
      dNormed = ws.get("dNormed.wide", math, dx.size(0), dx.size(1));
      Tensor normed = normed(tape.middle, tape.middleScale, normWeight);
      Tensor into = dNormed;
      turns.at(gradients.router(), () -> experts.backward(index, narrow, gradients, normed, tape.gateUp, dx, into));
    } else {
      Tensor dBlock = gemma ? throughNorm("mlp", tape, master.mlpOutputNorm(), gradients.mlpOutputNorm(), dx, turns) : dx;
      Linear.bias(gradients.downBias(), dBlock, turns);
      dNormed = denseGradient(normWeight, narrow, gradients, tape, narrowed(dBlock), turns);
    }
    RmsNorm.backward(ws, tape.middle, tape.middleScale, gain(normWeight), dNormed, dx, mlpInputNorm(gradients), turns);
  }

  private Tensor denseGradient(Tensor normWeight, Weights.Layer narrow, Weights.Layer gradients, Tape tape, Tensor dy, Turns.Of turns) {
    long t = dy.size(0);
    Tensor active = ws.get("active", compute, t, config.intermediateSize());
    Tensor dActive = Linear.input(dy, narrow.down(), ws.get("dActive", compute, t, config.intermediateSize()));
    Tensor dGateUp = ws.get("dGateUp", compute, t, 2L * config.intermediateSize());
    GatedMlp.backward(tape.gateUp, gemma, dActive, active, dGateUp);
    Linear.gradient(ws, gradients.down(), dy, active, turns);
    Linear.bias(gradients.gateUpBias(), dGateUp, turns);
    Linear.gradient(ws, gradients.gateUp(), dGateUp, normed(tape.middle, tape.middleScale, normWeight), turns);
    return inputGradient(dGateUp, narrow.gateUp());
  }

  private void attentionGradient(int index, Weights.Layer master, Weights.Layer narrow, Weights.Layer gradients, Tape tape, Spread spread,
      Tensor dx, Turns.Of turns) {
    long t = dx.size(0);
    Tensor dBlock = gemma ? throughNorm("attention", tape, master.attentionNorm(), gradients.attentionNorm(), dx, turns) : dx;
    Tensor dy = narrowed(dBlock);
    Linear.bias(gradients.outputBias(), dBlock, turns);
    Linear.gradient(ws, gradients.output(), dy, spread.back("attended.positions", tape.attended), turns);
    // One row more than there are positions: zeros, for the places whose gradient is none or counted elsewhere.
    Tensor dAttended = ws.get("dAttended", compute, t + 1, tape.attended.size(1));
    dAttended.narrow(0, t, 1).zero_();
    Linear.input(dy, narrow.output(), dAttended.narrow(0, 0, t));
    Tensor dPlaces = ws.get("dQkv.places", compute, tape.attended.size(0), config.qkvRows());
    Tensor qkv = config.architecture().headNorms() ? spread.out("qkv.places", tape.qkv) : tape.qkv;
    attention.backward(qkv, tape.heads, tape.attended, spread.once("dAttended.places", dAttended), config.windows().get(index), master, gradients, dPlaces, turns);
    Tensor dQkv = spread.sum("dQkv", dPlaces);
    Linear.bias(gradients.qkvBias(), dQkv, turns);
    Linear.gradient(ws, gradients.qkv(), dQkv, normed(tape.x, tape.inputScale, master.inputNorm()), turns);
    Tensor dNormed = inputGradient(dQkv, narrow.qkv());
    RmsNorm.backward(ws, tape.x, tape.inputScale, gain(master.inputNorm()), dNormed, dx, gradients.inputNorm(), turns);
  }

  private Tensor inputGradient(Tensor dy, Tensor weight) {
    Tensor dNormed = Linear.input(dy, weight, ws.get("dNormed", compute, dy.size(0), config.hiddenSize()));
    return compute == math ? dNormed : ws.get("dNormed.wide", math, dy.size(0), config.hiddenSize()).copy_(dNormed);
  }

  /** Final norm of the hidden states at {@code positions}, [N, H], and what its gradient needs. */
  Predicted predicted(Weights master, Tensor x, Tensor positions) {
    Tensor picked = torch.index_select_out(ws.get("picked", math, positions.size(0), config.hiddenSize()), x, 0, positions);
    Tensor scale = ws.get("pickedScale", math, positions.size(0), 1);
    RmsNorm.scale(picked, config.rmsNormEps(), scale);
    Tensor hidden = ws.get("hidden", compute, positions.size(0), config.hiddenSize());
    RmsNorm.apply(ws, picked, scale, gain(master.finalNorm()), hidden);
    return new Predicted(picked, scale, hidden);
  }

  /** The hidden states that predict trained tokens: before the final norm, its scale, after it. */
  record Predicted(Tensor picked, Tensor scale, Tensor hidden) {}

  /** dL/dx [T, H] from dL/d(hidden) [N, H], which is destroyed. */
  Tensor predictedGradient(Weights master, Weights gradients, Predicted predicted, Tensor positions, Tensor dHidden, long t,
      Turns.Of turns) {
    Tensor wide = Native.type(dHidden) == math ? dHidden
        : ws.get("dHidden.wide", math, dHidden.size(0), dHidden.size(1)).copy_(dHidden);
    Tensor dPicked = ws.get("dPicked", math, dHidden.size(0), dHidden.size(1)).zero_();
    RmsNorm.backward(ws, predicted.picked, predicted.scale, gain(master.finalNorm()), wide, dPicked, gradients.finalNorm(), turns);
    Tensor dx = ws.get("dx", math, t, config.hiddenSize()).zero_();
    // Every position predicts at most one token, so plain copying is the whole of the scatter.
    return dx.index_copy_(0, positions, dPicked);
  }


  Attention attention() {
    return attention;
  }

  Rope rope() {
    return rope;
  }

  /** [T · k] experts the last pass sent its positions to in one layer; mixtures only. */
  short[] choices(int layer) {
    return experts.choices(layer);
  }

  @Override public void close() {
    attention.close();
    rope.close();
  }
}
