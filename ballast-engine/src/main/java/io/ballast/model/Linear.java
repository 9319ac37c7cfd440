package io.ballast.model;

import io.ballast.tensor.Native;
import io.ballast.tensor.Workspace;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** y = x Wᵀ with W stored [out, in], and its gradients. */
public final class Linear {
  private Linear() {}

  /** Writes x Wᵀ into {@code y}. */
  public static Tensor apply(Tensor x, Tensor w, Tensor y) {
    return torch.mm_out(y, x, w.t());
  }

  /** Writes base + x Wᵀ into {@code y}; {@code base} and {@code y} may be wider than the product. */
  public static Tensor addTo(Workspace ws, Tensor base, Tensor x, Tensor w, Tensor y) {
    if (Native.type(y) == Native.type(x)) return torch.addmm_out(y, base, x, w.t());
    Tensor product = torch.mm_out(ws.get("linear.product", Native.type(x), x.size(0), w.size(0)), x, w.t());
    return torch.add_out(y, base, product);
  }

  /** Adds dyᵀ x onto the gradient of W. */
  static void gradient(Workspace ws, Tensor dW, Tensor dy, Tensor x) {
    if (Native.type(dW) == Native.type(x)) dW.addmm_(dy.t(), x);
    else dW.add_(torch.mm_out(ws.get("linear.gradient", Native.type(x), dW.size(0), dW.size(1)), dy.t(), x));
  }

  /** Writes dy W into {@code dx}. */
  static Tensor input(Tensor dy, Tensor w, Tensor dx) {
    return torch.mm_out(dx, dy, w);
  }

}
