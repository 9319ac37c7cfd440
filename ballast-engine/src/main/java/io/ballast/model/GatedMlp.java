package io.ballast.model;

import io.ballast.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The gate of the MLP: a = σ(g) ∘ u with g and u the halves of the merged projection, and
 *
 * <pre>   du = da ∘ σ(g),   dg = da ∘ u ∘ σ'(g);   σ is SiLU, or for Gemma 2 the tanh form of GeLU</pre>
 */
public final class GatedMlp {
  /** Numbers of an operand at once on a CPU: five of them stay in a second-level cache from one operation to the next. */
  private static final long BLOCK = 1 << 15;

  private GatedMlp() {}

  /** Some rows of the operands. */
  private interface Rows {
    void run(long from, long count);
  }

  private static void inBlocks(Tensor a, Rows work) {
    long rows = a.size(0), step = a.is_cpu() ? Math.max(1, BLOCK / a.size(1)) : rows;
    for (long from = 0; from < rows; from += step) {
      try (var scope = Scope.open("gate")) {
        work.run(from, Math.min(step, rows - from));
      }
    }
  }

  /** {@code a} [T, I] from {@code gateUp} [T, 2 I]. */
  public static Tensor activate(Tensor gateUp, boolean gelu, Tensor a) {
    long width = a.size(1);
    inBlocks(a, (from, count) -> {
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
    inBlocks(a, (from, count) -> block(gateUp.narrow(0, from, count), gelu, da.narrow(0, from, count), a.narrow(0, from, count), dGateUp.narrow(0, from, count)));
  }

  private static void block(Tensor gateUp, boolean gelu, Tensor da, Tensor a, Tensor dGateUp) {
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
