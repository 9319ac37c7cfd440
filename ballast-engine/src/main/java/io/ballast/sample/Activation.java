package io.ballast.sample;

import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The input of a matrix product, [rows, columns]: floats, and where products run in bf16 their rounding beside them. */
final class Activation implements AutoCloseable {
  final int columns;
  final float[] values;
  private final MemorySegment segment;
  private final @Nullable Tensor narrow;
  private final @Nullable MemorySegment narrowSegment;
  private final Map<Integer, Tensor> views = new HashMap<>();

  Activation(int maxRows, int columns, boolean bf16) {
    this.columns = columns;
    values = new float[maxRows * columns];
    segment = MemorySegment.ofArray(values);
    if (bf16) {
      try (var scope = Scope.open("activation")) {
        narrow = Scope.own(Native.zeros(ScalarType.BFloat16, Device.CPU, maxRows, columns));
      }
      narrowSegment = MemorySegment.ofAddress(narrow.data_ptr().address()).reinterpret(2L * values.length);
    } else {
      narrow = null;
      narrowSegment = null;
    }
  }

  MemorySegment segment() {
    return segment;
  }

  /** What products read: the rounded rows where there are any. */
  MemorySegment operand() {
    return narrowSegment == null ? segment : narrowSegment;
  }

  /** To be called once rows [from, to) are written and before a product reads them. */
  void publish(int from, int to) {
    if (narrowSegment == null) return;
    if (Simd.available()) {
      Vectors.round(values, from * columns, to * columns, narrowSegment);
      return;
    }
    for (int i = from * columns; i < to * columns; i++) narrowSegment.setAtIndex(ValueLayout.JAVA_SHORT, i, bf16(values[i]));
  }

  /** Rounds to the nearest bf16, ties to even. */
  static short bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  /** The first {@code rows} rows in bf16, transposed: [columns, rows]. One thread at a time. */
  synchronized Tensor transposed(int rows) {
    return views.computeIfAbsent(rows, n -> {
      try (var scope = Scope.open("activation view")) {
        return Scope.own(narrow.narrow(0, 0, n).t());
      }
    });
  }

  @Override public void close() {
    views.values().forEach(Scope::release);
    if (narrow != null) Scope.release(narrow);
  }
}
