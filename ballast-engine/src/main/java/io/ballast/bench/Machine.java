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
 * @param memoryBandwidthGbs reading a block of the model's size again and again, 10⁹ bytes a second: where it fits into a cache, that of the cache
 */
public record Machine(double matmulPeakGflops, double memoryBandwidthGbs) {
  private static final int SIDE = 1024;
  /** Bytes read for the bandwidth, at least and at most. */
  private static final long LEAST = 4L << 20, MOST = 1L << 30;
  private static final int TRIES = 24;

  /**
   * Measures for about half a second.
   *
   * @param bytes of what a decoding step reads
   */
  public static Machine measure(DType dtype, Device device, long bytes) {
    Native.init();
    try (var scope = Scope.open("machine")) {
      return new Machine(peak(dtype.compute(), device), bandwidth(device, bytes));
    }
  }

  private static double peak(ScalarType type, Device device) {
    Tensor a = Native.ones(type, device, SIDE, SIDE);
    Tensor b = Native.ones(type, device, SIDE, SIDE);
    Tensor c = Native.zeros(type, device, SIDE, SIDE);
    return 2.0 * SIDE * SIDE * SIDE / 1e9 / best(device, () -> Products.times(c, a, b));
  }

  private static double bandwidth(Device device, long bytes) {
    Tensor block = Native.ones(ScalarType.Float, device, Math.clamp(bytes, LEAST, MOST) / Float.BYTES);
    return block.nbytes() / 1e9 / best(device, block::sum);
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
