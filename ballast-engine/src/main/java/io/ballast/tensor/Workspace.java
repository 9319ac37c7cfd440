package io.ballast.tensor;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Named buffers that are used again and again, so that a step allocates next to nothing: fresh native blocks cost page faults, about a
 * quarter of a millisecond per MB, which is more than most elementwise operations on them.
 *
 * <p>A buffer grows to the largest shape asked for under its name. Its content is undefined when handed out, and the tensor handed out
 * is valid until another shape is asked for under the same name.
 */
public final class Workspace implements AutoCloseable {
  private static final class Buffer {
    Tensor base;
    Tensor view;
    long[] shape;

    Buffer(Tensor base, Tensor view, long[] shape) {
      this.base = base;
      this.view = view;
      this.shape = shape;
    }
  }

  private final Device device;
  private final Map<String, Buffer> buffers = new HashMap<>();
  private long bytes;

  public Workspace(Device device) {
    this.device = device;
  }

  /** The buffer of this name as a contiguous tensor of the given type and shape. */
  public Tensor get(String name, ScalarType type, long... shape) {
    Buffer buffer = buffers.get(name);
    if (buffer != null && Arrays.equals(buffer.shape, shape) && Native.type(buffer.view) == type) return buffer.view;
    long size = 1;
    for (long n : shape) size = Math.multiplyExact(size, n);
    try (var scope = Scope.open("workspace " + name)) {
      if (buffer == null || Native.type(buffer.base) != type || buffer.base.numel() < size) {
        if (buffer != null) drop(buffer);
        Tensor base = Scope.own(Native.empty(type, device, Math.max(1, size)));
        bytes += base.nbytes();
        buffer = new Buffer(base, Scope.own(view(base, size, shape)), shape.clone());
        buffers.put(name, buffer);
      } else {
        Scope.release(buffer.view);
        buffer.view = Scope.own(view(buffer.base, size, shape));
        buffer.shape = shape.clone();
      }
      return buffer.view;
    }
  }

  private static Tensor view(Tensor base, long size, long[] shape) {
    return base.narrow(0, 0, size).view(shape);
  }

  private void drop(Buffer buffer) {
    bytes -= buffer.base.nbytes();
    Scope.release(buffer.view);
    Scope.release(buffer.base);
  }

  /** Bytes held now. */
  public long bytes() {
    return bytes;
  }

  /** Gives all buffers back to the system; the workspace stays usable. */
  @Override public void close() {
    buffers.values().forEach(this::drop);
    buffers.clear();
  }
}
