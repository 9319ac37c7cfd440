package io.ballast.sample;

import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A second copy of outputs of a weight [out, in], turned into panels of {@value #WIDTH} outputs as generated kernels read them: [in,
 * {@value #WIDTH}], in bf16 [in / 2, {@value #WIDTH}, 2]. A product then reads x as it stands, writes y as it stands, and adds to it if
 * wanted, so nothing is turned or rounded between two products. Made anew once per version of the weights.
 */
final class Panels implements AutoCloseable {
  private static final int WIDTH = 64;
  /** Rows of one kernel: they and a panel stay in the second-level cache. */
  private static final int BLOCK = 64;

  /** Outputs [from, from + width), at {@code word} of the copy. */
  private record Panel(int from, int width, long word) {}

  private final Tensor weight;
  private final boolean narrow;
  private final int in;
  private final Tensor copy;
  private final MemorySegment memory;
  private final List<Panel> panels = new ArrayList<>();

  /** @param ranges outputs [from, to) to be copied */
  Panels(Tensor weight, List<int[]> ranges, Spare spare) {
    this.weight = weight;
    narrow = Native.type(weight) == ScalarType.BFloat16;
    in = Math.toIntExact(weight.size(1));
    long words = 0;
    for (int[] range : ranges) {
      for (int from = range[0]; from < range[1]; from += WIDTH) {
        panels.add(new Panel(from, Math.min(WIDTH, range[1] - from), words));
        words += (long) Math.min(WIDTH, range[1] - from) * wordsPerOutput();
      }
    }
    copy = spare.take(word(), words);
    memory = MemorySegment.ofAddress(copy.data_ptr().address()).reinterpret(4 * words);
  }

  /** What is moved when the weight is turned: a float, or two narrow numbers. */
  private ScalarType word() {
    return narrow ? ScalarType.Int : ScalarType.Float;
  }

  private int wordsPerOutput() {
    return narrow ? in / 2 : in;
  }

  /** Takes over the weight as it is now. */
  void pack() {
    int words = wordsPerOutput();
    try (var scope = Scope.open("pack")) {
      Tensor source = narrow ? weight.view(word()) : weight;
      for (Panel panel : panels) {
        try (var one = Scope.open("pack panel")) {
          copy.narrow(0, panel.word, (long) words * panel.width).view(words, panel.width)
              .copy_(source.narrow(0, panel.from, panel.width).t());
        }
      }
    }
  }

  /**
   * {@code y[row · ldy + output]}, overwritten, or added to where {@code add}.
   *
   * @param first row of x and y to begin with
   * @param rows how many, a multiple of 16; those from {@code wanted} on mean nothing, and are written where y has room for them
   */
  void apply(Activation x, int first, int rows, int wanted, float[] y, int ldy, boolean add) {
    MemorySegment to = MemorySegment.ofArray(y);
    MemorySegment from = x.operand();
    long rowBytes = (narrow ? 2L : 4L) * in;
    for (Panel panel : panels) {
      MemorySegment b = memory.asSlice(4 * panel.word, 4L * wordsPerOutput() * panel.width);
      for (int row = first; row < first + wanted; row += BLOCK) {
        int m = Math.min(BLOCK, first + rows - row);
        if ((long) (row + m - 1) * ldy + panel.from + panel.width > y.length) m = Math.min(BLOCK, first + wanted - row);
        Brgemm.panel(narrow, m, panel.width, in, from.asSlice(row * rowBytes), b, to.asSlice(4L * (row * ldy + panel.from)), ldy, add);
      }
    }
  }

  @Override public void close() {
    Scope.release(copy);
  }
}
