package io.ballast.tensor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products of tensors. libtorch gives fp32 to the BLAS, and MKL uses 256-bit instructions on processors that are not Intel's; oneDNN,
 * which libtorch gives bf16 to, uses what the processor has. On such a processor with AVX-512, large products in fp32 are
 * oneDNN's ({@code at::native::mkldnn_matmul}), too: 2.2 times as fast with 512-bit units. On Intel's MKL is the faster one by a quarter.
 *
 * <p>oneDNN makes a kernel for every new shape, 0.4 ms, and keeps the last thousand; small products stay with the BLAS.
 */
public final class Products {
  /** Multiplications below which a kernel made for them alone saves no time. */
  private static final long SMALL = 1 << 24;
  /** {@code mkldnn_matmul(const Tensor& a, const Tensor& b, const Tensor& y, float beta, float alpha)}. */
  private static final String NAME = "_ZN2at6native13mkldnn_matmulERKNS_6TensorES3_S3_ff";
  private static final @Nullable MethodHandle MATMUL = Processor.hasAvx512() && !Processor.isIntel() ? function() : null;
  private static final boolean AVAILABLE = MATMUL != null && passesSelfTest();

  private Products() {}

  /** y [m, n] = a [m, k] · b [k, n]. */
  public static Tensor times(Tensor y, Tensor a, Tensor b) {
    return generated(y, a, b) ? multiply(y, a, b, 0) : torch.mm_out(y, a, b);
  }

  /** y [m, n] = base + a [m, k] · b [k, n]; {@code base} is another tensor than y. */
  public static Tensor plusTimes(Tensor y, Tensor base, Tensor a, Tensor b) {
    return generated(y, a, b) ? multiply(y, a, b, 0).add_(base) : torch.addmm_out(y, base, a, b);
  }

  /** y [m, n] += a [m, k] · b [k, n]. */
  public static void addTimes(Tensor y, Tensor a, Tensor b) {
    if (generated(y, a, b)) multiply(y, a, b, 1);
    else y.addmm_(a, b);
  }

  /** Whether a product of so many multiplications on a CPU is oneDNN's. */
  public static boolean generated(ScalarType type, long multiplications) {
    return (type == ScalarType.Float ? AVAILABLE : type == ScalarType.BFloat16) && multiplications >= SMALL;
  }

  private static boolean generated(Tensor y, Tensor a, Tensor b) {
    return generated(ScalarType.Float, y.numel() * a.size(1)) && plain(y) && plain(a) && plain(b);
  }

  private static boolean plain(Tensor x) {
    return Native.type(x) == ScalarType.Float && x.is_cpu();
  }

  /** y = a · b + beta · y. */
  private static Tensor multiply(Tensor y, Tensor a, Tensor b, float beta) {
    try {
      MATMUL.invokeExact(MemorySegment.ofAddress(a.address()), MemorySegment.ofAddress(b.address()), MemorySegment.ofAddress(y.address()), beta, 1f);
      return y;
    } catch (Throwable e) {
      throw new IllegalStateException("oneDNN's matrix product failed", e);
    }
  }

  private static @Nullable MethodHandle function() {
    return Symbols.library("libtorch_cpu").flatMap(library -> Symbols.handle(library, NAME, false,
        FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS, JAVA_FLOAT, JAVA_FLOAT))).orElse(null);
  }

  /** Products of small whole numbers are exact in any order. */
  private static boolean passesSelfTest() {
    try (var scope = Scope.open("self-test")) {
      Tensor a = whole(11, 35 * 37).view(35, 37);
      Tensor b = whole(7, 41 * 37).view(41, 37);
      Tensor y = Native.ones(ScalarType.Float, Device.CPU, 35, 41);
      Tensor expected = Native.ones(ScalarType.Float, Device.CPU, 35, 41).addmm_(a, b.t());
      return multiply(y, a, b.t(), 1).equal(expected) && multiply(y, a, b.t(), 0).equal(torch.mm(a, b.t()));
    }
  }

  private static Tensor whole(int span, int count) {
    return Native.reals(ScalarType.Float, Device.CPU, IntStream.range(0, count).mapToDouble(i -> i % span - span / 2).toArray());
  }
}
