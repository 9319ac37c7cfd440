package io.ballast.tensor;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * On how many threads the operations of the calling thread run. Both OpenMP runtimes of this process count for each thread by itself:
 * libtorch's and MKL's.
 */
public final class Threads {
  private static final @Nullable MethodHandle MKL = load("libmkl_rt", "MKL_Set_Num_Threads_Local", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final @Nullable MethodHandle OPEN_MP = load("libgomp", "omp_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT));

  private Threads() {}

  private static @Nullable MethodHandle load(String library, String name, FunctionDescriptor type) {
    Native.init();
    return Symbols.library(library).flatMap(found -> Symbols.handle(found, name, false, type)).orElse(null);
  }

  /** From now on products and libtorch operations of this thread run on it alone; the counts of other threads stay. */
  public static void one() {
    set(1);
  }

  /** Undoes {@link #one}. */
  public static void all() {
    set(Native.threads());
  }

  private static void set(int count) {
    try {
      torch.get_num_threads(); // libtorch sets the count of a thread at its first use
      if (MKL != null) {
        int before = (int) MKL.invokeExact(count);
      }
      if (OPEN_MP != null) OPEN_MP.invokeExact(count);
    } catch (Throwable e) {
      throw new IllegalStateException("setting the thread count failed", e);
    }
  }
}
