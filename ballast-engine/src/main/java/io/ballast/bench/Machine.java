package io.ballast.bench;

import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Products;
import io.ballast.tensor.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What this machine can do, measured with all threads: the best of several tries, because anything else on the machine only slows.
 *
 * @param matmulPeakGflops of a product of two matrices of 1024 × 1024 in the type measured, 10⁹ operations a second
 * @param memoryBandwidthGbs read from a block far larger than the caches, 10⁹ bytes a second
 */
public record Machine(double matmulPeakGflops, double memoryBandwidthGbs) {
  private static final int SIDE = 1024;
  /** Bytes read for the bandwidth at least, and at most: twice the last cache, of which a virtual machine may see a whole server's. */
  private static final long LEAST = 128L << 20, MOST = 1L << 30;
  private static final int TRIES = 24;

  /** Measures for about half a second. */
  public static Machine measure(DType dtype, Device device) {
    Native.init();
    try (var scope = Scope.open("machine")) {
      return new Machine(peak(dtype.compute(), device), bandwidth(device));
    }
  }

  private static double peak(ScalarType type, Device device) {
    Tensor a = Native.ones(type, device, SIDE, SIDE);
    Tensor b = Native.ones(type, device, SIDE, SIDE);
    Tensor c = Native.zeros(type, device, SIDE, SIDE);
    return 2.0 * SIDE * SIDE * SIDE / 1e9 / best(device, () -> Products.times(c, a, b));
  }

  private static double bandwidth(Device device) {
    Tensor block = Native.ones(ScalarType.Float, device, Math.clamp(2 * lastCache(), LEAST, MOST) / Float.BYTES);
    return block.nbytes() / 1e9 / best(device, block::sum);
  }

  /** Bytes of the processor's third-level cache; 0 where the system does not say. */
  private static long lastCache() {
    try {
      String size = Files.readString(Path.of("/sys/devices/system/cpu/cpu0/cache/index3/size")).strip();
      return size.matches("[0-9]{1,9}K") ? Long.parseLong(size.substring(0, size.length() - 1)) << 10 : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  private static double best(Device device, Runnable work) {
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < TRIES; i++) {
      try (var scope = Scope.open("try")) {
        long start = System.nanoTime();
        work.run();
        finish(device);
        best = Math.min(best, (System.nanoTime() - start) / 1e9);
      }
    }
    return best;
  }

  /** Waits for what the device has still to compute: a GPU works beside its host. */
  static void finish(Device device) {
    if (device.kind() == Device.Kind.CUDA) torch.cuda_synchronize(device.index());
  }

  /** The most memory this process has had resident so far, in 10⁶ bytes. */
  public static double peakResidentMb() {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines.filter(line -> line.startsWith("VmHWM:")).findFirst()
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1e6).orElse(Double.NaN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
