package io.ballast.sample;

import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Memory handed out piece by piece: of a tensor that is lent, and the system's where there is none or no more. Half a gigabyte that is
 * given back and taken anew with every step costs more in page faults than filling it.
 */
final class Spare {
  /** Words of a cache line; pieces begin with one. */
  private static final long LINE = 16;

  private final @Nullable Tensor lent;
  private long taken;

  /** @param lent flat, of four-byte words */
  Spare(@Nullable Tensor lent) {
    this.lent = lent;
  }

  /** @param type of four bytes; the piece is released by whoever took it */
  synchronized Tensor take(ScalarType type, long words) {
    try (var scope = Scope.open("spare")) {
      if (lent == null || taken + words > lent.numel()) return Scope.own(Native.empty(type, Device.CPU, Math.max(1, words)));
      Tensor piece = Scope.own(lent.narrow(0, taken, words).view(type));
      taken += (words + LINE - 1) / LINE * LINE;
      return piece;
    }
  }
}
