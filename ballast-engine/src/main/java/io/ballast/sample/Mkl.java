package io.ballast.sample;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.ballast.tensor.Native;
import io.ballast.tensor.Symbols;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The matrix product of the BLAS already in this process, which sampling calls straight, without libtorch in between: at one row a sample
 * the products of a layer are so small that the way there is a good part of their cost. Arrays of the heap are passed as they are.
 *
 * <p>All calls compute on the calling thread once it has called {@link io.ballast.tensor.Threads#one}; {@link
 * io.ballast.tensor.Team} shares the work out.
 */
final class Mkl {
  private static final int ROW_MAJOR = 101;
  private static final int PLAIN = 111;
  private static final int TRANSPOSED = 112;

  private static final SymbolLookup BLAS = blas();
  private static final MethodHandle SGEMM = Symbols.handle(BLAS, "cblas_sgemm", true, FunctionDescriptor.ofVoid(JAVA_INT, JAVA_INT, JAVA_INT,
      JAVA_INT, JAVA_INT, JAVA_INT, JAVA_FLOAT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_FLOAT, ADDRESS, JAVA_INT)).orElseThrow();

  private Mkl() {}

  private static SymbolLookup blas() {
    Native.init();
    return Symbols.library("libmkl_rt").or(() -> Symbols.library("libopenblas")).orElseThrow(() -> new IllegalStateException(
        "neither MKL nor OpenBLAS is loaded; org.bytedeco.openblas.load should be mkl"));
  }

  /** C [m, n] = A [m, k] · Bᵀ + beta · C with B [n, k]; row-major, ld… the distance of rows in elements. */
  static void timesTransposed(int m, int n, int k, MemorySegment a, int lda, MemorySegment b, int ldb, float beta, MemorySegment c,
      int ldc) {
    gemm(TRANSPOSED, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
  }

  /** C [m, n] = A [m, k] · B [k, n] + beta · C. */
  static void times(int m, int n, int k, MemorySegment a, int lda, MemorySegment b, int ldb, float beta, MemorySegment c, int ldc) {
    gemm(PLAIN, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
  }

  private static void gemm(int second, int m, int n, int k, float alpha, MemorySegment a, int lda, MemorySegment b, int ldb, float beta,
      MemorySegment c, int ldc) {
    try {
      SGEMM.invokeExact(ROW_MAJOR, PLAIN, second, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    } catch (Throwable e) {
      throw new IllegalStateException("cblas_sgemm failed", e);
    }
  }
}
