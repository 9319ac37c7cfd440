package io.ballast.model;

import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a model, or values of the same shape such as their gradients: views into one flat tensor, see {@link Layout}, or into
 * one of matrices and one of vectors (norms and biases) where those differ in type.
 *
 * <p>For the rooms of this module only: whoever samples reads them, whoever trains writes them. Views are stored {@code [out, in]}.
 */
public final class Weights implements AutoCloseable {

  /**
   * One layer. H hidden, D head size, I MLP width, E experts; a group is {@code heads / kvHeads}.
   *
   * @param inputNorm [H], before attention
   * @param qkv [kvHeads · (group + 2) · D, H]: per key-value head its query heads, then key, then value
   * @param qkvBias same rows
   * @param queryNorm, keyNorm [D], per head before the rotation
   * @param output [H, heads · D]
   * @param attentionNorm [H]: before the MLP, or (Gemma 2) after attention
   * @param mlpInputNorm, mlpOutputNorm [H], Gemma 2 only: around the MLP
   * @param router [E, H], mixtures only
   * @param gateUp [2 I, H], gate rows first; mixtures [E, 2 I, H]
   * @param gateUpBias same rows
   * @param down [H, I]; mixtures [E, H, I]
   */
  public record Layer(Tensor inputNorm, Tensor qkv, @Nullable Tensor qkvBias, @Nullable Tensor queryNorm, @Nullable Tensor keyNorm,
      Tensor output, @Nullable Tensor outputBias, Tensor attentionNorm, @Nullable Tensor mlpInputNorm, @Nullable Tensor mlpOutputNorm,
      @Nullable Tensor router, Tensor gateUp, @Nullable Tensor gateUpBias, Tensor down, @Nullable Tensor downBias) {}

  private final Layout layout;
  private final @Nullable Tensor flat;
  /** [decayed size] and [the rest]: the two ranges of the layout. */
  private final Tensor matrices;
  private final Tensor vectors;
  private final List<Tensor> views = new ArrayList<>();
  private final List<Layer> layers = new ArrayList<>();
  private final Tensor embedding;
  private final Tensor finalNorm;
  private final Tensor head;

  /** Zeros in the given layout. */
  static Weights zeros(Layout layout, ScalarType type, Device device) {
    Native.init();
    try (var scope = Scope.open("weights")) {
      Tensor flat = Native.zeros(type, device, layout.size());
      return new Weights(layout, flat, flat.narrow(0, 0, layout.decayedSize()), flat.narrow(0, layout.decayedSize(), layout.vectorsSize()));
    }
  }

  /** Zeros with norms and biases in a type of their own: what is read and not trained needs no more. */
  static Weights zeros(Layout layout, ScalarType matrices, ScalarType vectors, Device device) {
    Native.init();
    try (var scope = Scope.open("weights")) {
      return new Weights(layout, null, Native.zeros(matrices, device, layout.decayedSize()),
          Native.zeros(vectors, device, layout.vectorsSize()));
    }
  }

  /** The same matrices, in the same memory, with norms and biases converted. */
  Weights withVectors(ScalarType type) {
    try (var scope = Scope.open("vectors")) {
      return new Weights(layout, null, matrices.narrow(0, 0, matrices.size(0)), vectors.to(type));
    }
  }

  private Weights(Layout layout, @Nullable Tensor flat, Tensor matrices, Tensor vectors) {
    this.layout = layout;
    this.flat = flat == null ? null : Scope.own(flat);
    this.matrices = Scope.own(matrices);
    this.vectors = Scope.own(vectors);
    embedding = view("embedding");
    finalNorm = view("finalNorm");
    head = layout.config().tied() ? embedding : view("head");
    for (int i = 0; i < layout.config().layers(); i++) {
      String at = "layers." + i + ".";
      layers.add(new Layer(view(at + "inputNorm"), view(at + "qkv"), find(at + "qkvBias"), find(at + "queryNorm"), find(at + "keyNorm"),
          view(at + "output"), find(at + "outputBias"), view(at + "attentionNorm"), find(at + "mlpInputNorm"),
          find(at + "mlpOutputNorm"), find(at + "router"), view(at + "gateUp"), find(at + "gateUpBias"), view(at + "down"), find(at + "downBias")));
    }
  }

  /** The view of one slot; lives as long as these weights. */
  Tensor view(String name) {
    Tensor view = find(name);
    if (view == null) throw new IllegalStateException("no weight '" + name + "' in this model");
    return view;
  }

  private @Nullable Tensor find(String name) {
    Layout.Slot slot = layout.find(name);
    if (slot == null) return null;
    Tensor of = slot.decayed() ? matrices : vectors;
    long at = slot.decayed() ? slot.offset() : slot.offset() - layout.decayedSize();
    Tensor view = Scope.own(of.narrow(0, at, slot.size()).view(slot.shape()));
    views.add(view);
    return view;
  }

  public ModelConfig config() {
    return layout.config();
  }

  Layout layout() {
    return layout;
  }

  /** All of it, [layout size]. */
  Tensor flat() {
    if (flat == null) throw new IllegalStateException("this policy is frozen: it was loaded to score and sample; load it with Policy.load to train it");
    return flat;
  }

  /** [V, H]. */
  public Tensor embedding() {
    return embedding;
  }

  /** [H]. */
  public Tensor finalNorm() {
    return finalNorm;
  }

  /** [V, H]; the embedding itself where tied. */
  public Tensor head() {
    return head;
  }

  public Layer layer(int index) {
    return layers.get(index);
  }

  @Override public void close() {
    views.forEach(Scope::release);
    Scope.release(matrices);
    Scope.release(vectors);
    if (flat != null) Scope.release(flat);
  }
}
