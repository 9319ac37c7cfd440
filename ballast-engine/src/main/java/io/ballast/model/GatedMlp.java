package io.ballast.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The gate of the MLP: a = σ(g) ∘ u with g and u the halves of the merged projection, and
 *
 * <pre>   du = da ∘ σ(g),   dg = da ∘ u ∘ σ'(g);   σ is SiLU, or for Gemma 2 the tanh form of GeLU</pre>
 */
public final class GatedMlp {
  /** Numbers of an operand at once: there are five. */
  private static final long CACHED = 1 << 15;

  private GatedMlp() {}

  /** {@code a} [T, I] from {@code gateUp} [T, 2 I]. */
  public static Tensor activate(Tensor gateUp, boolean gelu, Tensor a) {
    long width = a.size(1);
    Pieces.each(a.is_cpu(), a.size(0), width, CACHED, (from, count) -> {
      Tensor in = gateUp.narrow(0, from, count), out = a.narrow(0, from, count);
      activation(in.narrow(1, 0, width), gelu, out);
      out.mul_(in.narrow(1, width, width));
    });
    return a;
  }

  private static void activation(Tensor gate, boolean gelu, Tensor out) {
    if (gelu) torch.gelu_out(out, gate, "tanh");
    else torch.silu_out(out, gate);
  }

  /** Writes a again and d(gateUp) from {@code da} [T, I], which is destroyed. */
  static void backward(Tensor gateUp, boolean gelu, Tensor da, Tensor a, Tensor dGateUp) {
    Pieces.each(a.is_cpu(), a.size(0), a.size(1), CACHED, (from, count) -> piece(gateUp.narrow(0, from, count), gelu, da.narrow(0, from, count),
        a.narrow(0, from, count), dGateUp.narrow(0, from, count)));
  }

  private static void piece(Tensor gateUp, boolean gelu, Tensor da, Tensor a, Tensor dGateUp) {
    long width = a.size(1);
    Tensor gate = gateUp.narrow(1, 0, width);
    Tensor up = gateUp.narrow(1, width, width);
    activation(gate, gelu, a);
    torch.mul_out(dGateUp.narrow(1, width, width), da, a);
    a.mul_(up);
    da.mul_(up);
    Tensor dGate = dGateUp.narrow(1, 0, width);
    if (gelu) torch.gelu_backward_out(dGate, da, gate, "tanh");
    else torch.silu_backward_out(dGate, da, gate);
  }
}
