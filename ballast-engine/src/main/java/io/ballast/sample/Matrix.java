package io.ballast.sample;

import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import io.ballast.tensor.Team;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A weight [out, in] whose products with a few rows are shared out among a {@link Team} by outputs: y = x Wᵀ in blocks of outputs that
 * stay in the cache. At few rows it is computed as W xᵀ and turned afterwards: in fp32 by {@link Brgemm}, and where that is not
 * available by the BLAS, which does it a quarter faster than x Wᵀ.
 *
 * <p>Reads the policy's own memory, fp32 or bf16; nothing is copied, unless {@link #pack} asks for panels.
 */
final class Matrix implements AutoCloseable {
  /** Outputs of one product: block · rows floats stay in the second-level cache. */
  private static final int BLOCK = 1024;
  /** The same for generated kernels. */
  private static final int GENERATED_BLOCK = 512;
  /** Parts begin at multiples of this, so that kernels see full vectors. */
  private static final int ALIGN = 16;

  /** From this many rows on, turning the product costs more than the better order gains. */
  static final int MANY_ROWS = 48;

  private final int in;
  private final boolean bf16;
  private final boolean generated;
  private final MemorySegment memory;
  /** Pieces of each member of the team. */
  private final List<List<Piece>> parts = new ArrayList<>();
  /** All pieces, for a pass too small to share out. */
  private final List<Piece> whole;
  private final Tensor weight;
  /** Each member's panels, null until packed. */
  private final @Nullable Panels[] panels;

  /** Outputs [from, to). */
  private record Piece(int from, int to, Tensor weight) {}

  /** @param weight [out, in], contiguous, on the CPU; @param sections outputs fall into this many equal sections, each shared out */
  Matrix(Tensor weight, int sections, int team) {
    this(weight, sections, team, Brgemm.available());
  }

  /** @param brgemm whether fp32 products are {@link Brgemm}'s */
  Matrix(Tensor weight, int sections, int team, boolean brgemm) {
    this.weight = weight;
    panels = new Panels[team];
    in = Math.toIntExact(weight.size(1));
    bf16 = weight.scalar_type().intern() == ScalarType.BFloat16;
    generated = brgemm && !bf16;
    int out = Math.toIntExact(weight.size(0));
    memory = MemorySegment.ofAddress(weight.data_ptr().address()).reinterpret((bf16 ? 2L : 4L) * in * out);
    int section = out / sections;
    for (int part = 0; part < team; part++) parts.add(pieces(weight, section, sections, part, team));
    whole = pieces(weight, section, sections, 0, 1);
  }

  /** Matrix {@code index} of a stack [n, out, in], for products of one thread. */
  static Matrix slice(Tensor stack, int index, int sections) {
    try (var scope = Scope.open("matrix of a stack")) {
      return new Matrix(stack.select(0, index), sections, 1);
    }
  }

  private static List<Piece> pieces(Tensor weight, int section, int sections, int part, int team) {
    List<Piece> pieces = new ArrayList<>();
    int to = end(section, part, team);
    try (var scope = Scope.open("matrix")) {
      for (int from = part == 0 ? 0 : end(section, part - 1, team); from < to; from += BLOCK) {
        for (int s = 0; s < sections; s++) {
          int first = s * section + from;
          int last = s * section + Math.min(to, from + BLOCK);
          pieces.add(new Piece(first, last, Scope.own(weight.narrow(0, first, last - first))));
        }
      }
    }
    return pieces;
  }

  private static int end(int section, int part, int team) {
    return part == team - 1 ? section : Math.min(section, (int) ((long) section * (part + 1) / team + ALIGN - 1) / ALIGN * ALIGN);
  }

  /**
   * Makes this part's panels from the weight as it is now; to be called by every part before a pass with {@code packed}.
   *
   * @param spare where they lie if there were none
   */
  void pack(int part, Spare spare) {
    if (panels[part] == null) panels[part] = new Panels(weight, parts.get(part).stream().map(p -> new int[] {p.from, p.to}).toList(), spare);
    panels[part].pack();
  }

  /** Gives the panels back. */
  void unpack() {
    for (int part = 0; part < panels.length; part++) {
      if (panels[part] != null) panels[part].close();
      panels[part] = null;
    }
  }

  /** {@link #apply} by panels, for the whole team alone. */
  void applyPacked(int part, Activation x, int first, int rows, int wanted, float[] y, int ldy, boolean add) {
    panels[part].apply(x, first, rows, wanted, y, ldy, add);
  }

  /** The same for all outputs of some rows. */
  void applyPacked(Activation x, int first, int rows, int wanted, float[] y, int ldy, boolean add) {
    for (Panels p : panels) p.apply(x, first, rows, wanted, y, ldy, add);
  }

  /**
   * Computes this part's outputs: {@code y[row · ldy + output]}, overwritten, or added to where {@code add}.
   *
   * @param size how many threads share the pass: the whole team, or 1
   * @param rows rows of x, a multiple of 16; of these the first {@code wanted} are written to {@code y}
   * @param numerics EXACT keeps to one order of computation, whatever the number of rows
   */
  void apply(int part, int size, Activation x, int rows, int wanted, float[] y, int ldy, boolean add, Numerics numerics, Scratch scratch) {
    List<Piece> pieces = size == 1 ? whole : parts.get(part);
    if (generated && !(numerics == Numerics.FAST && rows >= MANY_ROWS)) {
      generated(pieces, x, wanted, y, ldy, add, scratch);
      return;
    }
    for (Piece piece : pieces) {
      int n = piece.to - piece.from;
      if (bf16) {
        MemorySegment product = scratch.narrow(piece.weight, x.transposed(rows), n, rows);
        spread(product, n, rows, wanted, y, ldy, piece.from, add);
      } else if (numerics == Numerics.FAST && rows >= MANY_ROWS) {
        Mkl.timesTransposed(wanted, n, in, x.segment(), in, memory.asSlice(4L * piece.from * in), in, add ? 1 : 0,
            MemorySegment.ofArray(y).asSlice(4L * piece.from), ldy);
      } else {
        float[] product = scratch.wide(n * rows);
        Mkl.timesTransposed(n, rows, in, memory.asSlice(4L * piece.from * in), in, x.segment(), in, 0,
            MemorySegment.ofArray(product), rows);
        spread(product, n, rows, wanted, y, ldy, piece.from, add);
      }
    }
  }

  /** W xᵀ in groups of rows, each with the same kernel whatever the number of rows. */
  private void generated(List<Piece> pieces, Activation x, int wanted, float[] y, int ldy, boolean add, Scratch scratch) {
    MemorySegment turned = MemorySegment.ofArray(scratch.turned(x.values, in, wanted));
    for (Piece piece : pieces) {
      for (int from = piece.from; from < piece.to; from += GENERATED_BLOCK) {
        int n = Math.min(GENERATED_BLOCK, piece.to - from);
        MemorySegment weight = memory.asSlice(4L * from * in);
        float[] product = scratch.wide(n * Brgemm.ROWS);
        for (int row = 0; row < wanted; row += Brgemm.ROWS) {
          Brgemm.multiply(n, in, weight, turned.asSlice(4L * row * in), MemorySegment.ofArray(product));
          spread(product, n, Brgemm.ROWS, Math.min(Brgemm.ROWS, wanted - row), y, ldy, row * ldy + from, add);
        }
      }
    }
  }

  private static void spread(float[] product, int n, int rows, int wanted, float[] y, int ldy, int at, boolean add) {
    for (int row0 = 0; row0 < wanted; row0 += ALIGN) {
      int row1 = Math.min(wanted, row0 + ALIGN);
      for (int i = 0; i < n; i++) {
        for (int row = row0; row < row1; row++) {
          float value = product[i * rows + row];
          int to = row * ldy + at + i;
          y[to] = add ? y[to] + value : value;
        }
      }
    }
  }

  private static void spread(MemorySegment product, int n, int rows, int wanted, float[] y, int ldy, int at, boolean add) {
    for (int row0 = 0; row0 < wanted; row0 += ALIGN) {
      int row1 = Math.min(wanted, row0 + ALIGN);
      for (int i = 0; i < n; i++) {
        for (int row = row0; row < row1; row++) {
          float value = Float.intBitsToFloat(product.getAtIndex(ValueLayout.JAVA_SHORT, i * rows + row) << 16);
          int to = row * ldy + at + i;
          y[to] = add ? y[to] + value : value;
        }
      }
    }
  }

  /** Where one thread's products land before they are spread over the rows. */
  static final class Scratch implements AutoCloseable {
    private float[] wide = new float[0];
    private float[] turned = new float[0];
    private final java.util.Map<Long, Tensor> narrow = new java.util.HashMap<>();

    float[] wide(int size) {
      if (wide.length < size) wide = new float[size];
      return wide;
    }

    /** The first {@code rows} rows of x [., in], each {@value Brgemm#ROWS} of them turned to [in, {@value Brgemm#ROWS}]. */
    float[] turned(float[] x, int in, int rows) {
      final int group = Brgemm.ROWS;
      int size = (rows + group - 1) / group * group * in;
      if (turned.length < size) turned = new float[size];
      for (int at = 0; at < size; at += group * in) {
        for (int first = 0; first < in; first += group) { // tiles, so that reads and writes stay in few cache lines
          int last = Math.min(in, first + group);
          for (int row = 0; row < group; row++) {
            for (int i = first; i < last; i++) turned[at + i * group + row] = x[at + row * in + i];
          }
        }
      }
      return turned;
    }

    MemorySegment narrow(Tensor weight, Tensor x, int n, int rows) {
      Tensor product = narrow.computeIfAbsent(((long) n << 32) | rows, key -> {
        try (var scope = Scope.open("scratch")) {
          return Scope.own(Native.empty(ScalarType.BFloat16, Device.CPU, n, rows));
        }
      });
      torch.mm_out(product, weight, x);
      return MemorySegment.ofAddress(product.data_ptr().address()).reinterpret(2L * n * rows);
    }

    @Override public void close() {
      narrow.values().forEach(Scope::release);
      narrow.clear();
    }
  }

  @Override public void close() {
    for (List<Piece> pieces : parts) pieces.forEach(piece -> Scope.release(piece.weight));
    whole.forEach(piece -> Scope.release(piece.weight));
    unpack();
  }
}
