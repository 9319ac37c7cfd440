package io.ballast.model;

import io.ballast.tensor.Native;
import io.ballast.tensor.Products;
import io.ballast.tensor.Scope;
import io.ballast.tensor.Workspace;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** y = x Wᵀ with W stored [out, in], and its gradients. */
public final class Linear {
  /** Elements widened at once. */
  private static final long WIDENED = 1 << 17;
  /** Elements turned at most: the gradient of many logits is larger than all else a worker holds. */
  private static final long TURNED = 1 << 23;

  private Linear() {}

  /** Writes x Wᵀ into {@code y}. */
  public static Tensor apply(Tensor x, Tensor w, Tensor y) {
    return Products.times(y, x, w.t());
  }

  /** Writes base + x Wᵀ into {@code y}; {@code base} and {@code y} may be wider than the product. */
  public static Tensor addTo(Workspace ws, Tensor base, Tensor x, Tensor w, Tensor y) {
    if (Native.type(y) == Native.type(x)) return Products.plusTimes(y, base, x, w.t());
    Tensor product = torch.mm_out(ws.get("linear.product", Native.type(x), x.size(0), w.size(0)), x, w.t());
    // Converted first: libtorch widens an operand of another type into a block it allocates, and fresh pages cost more than the sum.
    return Native.type(base) == Native.type(y) ? y.copy_(product).add_(base) : torch.add_out(y, base, product);
  }

  /** Adds dyᵀ x onto the gradient of W, when its turn has come. */
  static void gradient(Workspace ws, Tensor dW, Tensor dy, Tensor x, Turns.Of turns) {
    if (Native.type(dW) == Native.type(x)) {
      Tensor turned = turned(ws, dy, x);
      turns.at(dW, () -> Products.addTimes(dW, turned, x));
    } else {
      Tensor narrow = product(ws, dW, dy, x);
      turns.at(dW, () -> widened(ws, dW, narrow));
    }
  }

  /** Adds dyᵀ x onto the gradient of W. */
  static void gradient(Workspace ws, Tensor dW, Tensor dy, Tensor x) {
    if (Native.type(dW) == Native.type(x)) Products.addTimes(dW, dy.t(), x);
    else widened(ws, dW, product(ws, dW, dy, x));
  }

  /** dyᵀ; on a CPU laid out so before a product of oneDNN, because that turns the first matrix at the price of half its speed. */
  private static Tensor turned(Workspace ws, Tensor dy, Tensor x) {
    if (!dy.is_cpu() || dy.numel() > TURNED || !Products.generated(Native.type(dy), dy.numel() * x.size(1))) return dy.t();
    return ws.get("linear.turned", Native.type(dy), dy.size(1), dy.size(0)).copy_(dy.t());
  }

  private static Tensor product(Workspace ws, Tensor dW, Tensor dy, Tensor x) {
    return torch.mm_out(ws.get("linear.gradient", Native.type(x), dW.size(0), dW.size(1)), turned(ws, dy, x), x);
  }

  /** Adds the sum of {@code dy}'s rows onto the gradient of a bias, when its turn has come; null where there is none. */
  static void bias(@Nullable Tensor db, Tensor dy, Turns.Of turns) {
    if (db == null) return;
    Tensor sum = dy.sum(0);
    turns.at(db, () -> db.add_(sum));
  }

  /** Adds a narrow matrix onto a wide one, some rows at a time, so that what is widened stays in the cache. */
  private static void widened(Workspace ws, Tensor to, Tensor narrow) {
    long rows = to.size(0), step = Math.max(1, WIDENED / to.size(1));
    Tensor wide = ws.get("linear.widened", Native.type(to), Math.min(step, rows), to.size(1));
    for (long from = 0; from < rows; from += step) {
      try (var scope = Scope.open("widened")) {
        long n = Math.min(step, rows - from);
        Tensor part = wide.narrow(0, 0, n);
        part.copy_(narrow.narrow(0, from, n));
        to.narrow(0, from, n).add_(part);
      }
    }
  }

  /** Writes dy W into {@code dx}. */
  static Tensor input(Tensor dy, Tensor w, Tensor dx) {
    return Products.times(dx, dy, w);
  }

}
