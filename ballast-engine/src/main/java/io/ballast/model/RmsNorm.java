package io.ballast.model;

import io.ballast.tensor.Native;
import io.ballast.tensor.Workspace;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Root-mean-square normalisation over the last dimension, H elements: with r = (mean(x²) + ε)^(−1/2),
 *
 * <pre>   y = x r w,   dx = r (dy w − x̂ mean(dy w x̂)),   dw = Σ_rows dy x̂,   x̂ = x r</pre>
 *
 * @see <a href="https://arxiv.org/abs/1910.07467">Zhang and Sennrich 2019</a>
 */
public final class RmsNorm {
  private RmsNorm() {}

  /** r of every row: {@code r} [… 1] from {@code x} [… H]. */
  public static void scale(Tensor x, double eps, Tensor r) {
    torch.linalg_vector_norm_out(r, x, new Scalar(2.0), new long[] {-1}, true, new ScalarTypeOptional());
    r.mul_(r).mul_(new Scalar(1.0 / x.size(-1))).add_(new Scalar(eps)).rsqrt_();
  }

  /** y = x r w, element type of {@code y} free. */
  public static void apply(Workspace ws, Tensor x, Tensor r, Tensor w, Tensor y) {
    if (Native.type(y) == Native.type(x)) {
      torch.mul_out(y, x, r);
      y.mul_(w);
    } else {
      Tensor wide = ws.get("norm.wide", Native.type(x), Native.shape(x));
      torch.mul_out(wide, x, r);
      wide.mul_(w);
      y.copy_(wide);
    }
  }

  /**
   * Adds the gradient with respect to x onto {@code dx} and that of w onto {@code dw}; destroys {@code dy}.
   *
   * @param x [T, H], r [T, 1], w [H], dy [T, H]
   * @param dw null where the weight is not trained
   */
  static void backward(Workspace ws, Tensor x, Tensor r, Tensor w, Tensor dy, Tensor dx, @Nullable Tensor dw, Turns.Of turns) {
    Tensor normalised = ws.get("norm.normalised", Native.type(x), x.size(0), x.size(1));
    torch.mul_out(normalised, x, r);
    Tensor product = ws.get("norm.product", Native.type(x), x.size(0), x.size(1));
    torch.mul_out(product, dy, normalised);
    Linear.bias(dw, product, turns);
    Tensor mean = product.mv(w).mul_(new Scalar(1.0 / x.size(1))).unsqueeze(1);
    dy.mul_(w).addcmul_(normalised, mean, new Scalar(-1.0));
    dx.addcmul_(dy, r);
  }
}
