package io.ballast.sample;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.ballast.tensor.Processor;
import io.ballast.tensor.Symbols;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * oneDNN's kernels generated for a shape, as libtorch exports them ({@code at::native::cpublas::brgemm}): twice as fast as the BLAS where
 * a matrix meets few rows. {@link #multiply} takes {@value #ROWS} rows at a time, so that one kernel serves every batch and a row's bits
 * depend on nothing beside it; {@link #panel} takes a weight turned beforehand, see {@link Panels}.
 *
 * <p>Each thread keeps the kernels it has used until it ends, and in bf16, where the processor has tile registers, their configuration until
 * {@link #release}: other products of the same thread configure them anew, and a kernel that is the thread's last would not notice.
 *
 * <p>Where the processor lacks the instructions the function throws a C++ exception, which ends the virtual machine. So it is called
 * only on a processor that names AVX-512 with nothing switched off, and used only if a first small product comes out right.
 */
final class Brgemm {
  /** Rows of one product: a vector of floats. */
  static final int ROWS = 16;

  /** {@code brgemm(long M, N, K, ldA, ldB, ldC, bool addC, const float* A, const float* B, float* C, bool vnni)}. */
  private static final String FLOATS = "_ZN2at6native7cpublas6brgemmEllllllbPKfS3_Pfb";
  /** The same with A and B in bf16. */
  private static final String NARROW = "_ZN2at6native7cpublas6brgemmEllllllbPKN3c108BFloat16ES5_Pfb";

  private static final @Nullable MethodHandle MULTIPLY = Processor.hasAvx512() ? function(FLOATS) : null;
  private static final boolean AVAILABLE = MULTIPLY != null && passesSelfTest();
  private static final @Nullable MethodHandle MULTIPLY_NARROW = AVAILABLE && Processor.hasBf16() ? function(NARROW) : null;

  /** {@code brgemm_release(bool vnni)}. */
  private static final @Nullable MethodHandle RELEASE = MULTIPLY_NARROW == null ? null
      : Symbols.library("libtorch_cpu").flatMap(library -> Symbols.handle(library, "_ZN2at6native7cpublas14brgemm_releaseEb", true,
          FunctionDescriptor.ofVoid(JAVA_BOOLEAN))).orElse(null);

  private Brgemm() {}

  static boolean available() {
    return AVAILABLE;
  }

  /** Whether {@link #panel} takes bf16. */
  static boolean narrowAvailable() {
    return MULTIPLY_NARROW != null;
  }

  /**
   * C [m, n] = A [m, k] · B [k, n], or C += … where {@code add}; row-major with rows of A {@code k} apart, of B {@code n}, of C {@code ldc}.
   *
   * @param narrow A and B are bf16, B in pairs of rows: [k / 2, n, 2]
   */
  static void panel(boolean narrow, int m, int n, int k, MemorySegment a, MemorySegment b, MemorySegment c, int ldc, boolean add) {
    try {
      MethodHandle multiply = narrow ? MULTIPLY_NARROW : MULTIPLY;
      multiply.invokeExact((long) m, (long) n, (long) k, (long) k, (long) n, (long) ldc, add, a, b, c, narrow);
    } catch (Throwable e) {
      throw new IllegalStateException("brgemm failed", e);
    }
  }

  /** To be called by a thread after its last product of bf16 and before anything else that may use tile registers. */
  static void release() {
    if (RELEASE == null) return;
    try {
      RELEASE.invokeExact(true);
    } catch (Throwable e) {
      throw new IllegalStateException("brgemm_release failed", e);
    }
  }

  /** C [m, 16] = A [m, k] · B [k, 16], row-major without gaps. */
  static void multiply(int m, int k, MemorySegment a, MemorySegment b, MemorySegment c) {
    try {
      MULTIPLY.invokeExact((long) m, (long) ROWS, (long) k, (long) k, (long) ROWS, (long) ROWS, false, a, b, c, false);
    } catch (Throwable e) {
      throw new IllegalStateException("brgemm failed", e);
    }
  }

  private static @Nullable MethodHandle function(String name) {
    return Symbols.library("libtorch_cpu").flatMap(library -> Symbols.handle(library, name, true, FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG,
        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_BOOLEAN, ADDRESS, ADDRESS, ADDRESS, JAVA_BOOLEAN))).orElse(null);
  }

  /** A product of small whole numbers is exact in any order. */
  private static boolean passesSelfTest() {
    int m = 19;
    int k = 37;
    float[] a = new float[m * k];
    float[] b = new float[k * ROWS];
    float[] c = new float[m * ROWS];
    for (int i = 0; i < a.length; i++) a[i] = i % 11 - 5;
    for (int i = 0; i < b.length; i++) b[i] = i % 7 - 3;
    multiply(m, k, MemorySegment.ofArray(a), MemorySegment.ofArray(b), MemorySegment.ofArray(c));
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < ROWS; j++) {
        float sum = 0;
        for (int l = 0; l < k; l++) sum += a[i * k + l] * b[l * ROWS + j];
        if (c[i * ROWS + j] != sum) return false;
      }
    }
    return true;
  }
}
