package io.ballast.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** libtorch as this process uses it: loaded once, its thread count set once, arrays carried in and out. */
public final class Native {
  private static volatile int threads;

  private Native() {}

  /**
   * Loads libtorch and sets its intra-op threads, the first time it is called; later calls change nothing. The count decides the bits
   * of reductions, so it belongs in the record of a run. System property {@code ballast.threads}, default: the processors.
   */
  public static synchronized int init() {
    if (threads > 0) return threads;
    if (System.getProperty("org.bytedeco.openblas.load") == null) System.setProperty("org.bytedeco.openblas.load", "mkl");
    int wanted = Integer.getInteger("ballast.threads", Runtime.getRuntime().availableProcessors());
    if (wanted < 1) throw new IllegalArgumentException("ballast.threads must be at least 1, got " + wanted);
    Loader.load(torch.class);
    torch.set_num_threads(wanted);
    threads = wanted;
    return threads;
  }

  /** Intra-op threads of every tensor operation of this process. */
  public static int threads() {
    return init();
  }

  /** Whether matrix products run in Intel MKL; without it they take about twice as long. Linux only, elsewhere false. */
  public static boolean mkl() {
    init();
    try (var maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.anyMatch(line -> line.contains("/libmkl_core"));
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }

  /** A new tensor with undefined content. */
  public static Tensor empty(ScalarType type, Device device, long... shape) {
    return torch.empty(shape, options(type, device), new org.bytedeco.pytorch.MemoryFormatOptional());
  }

  /** A new tensor of zeros. */
  public static Tensor zeros(ScalarType type, Device device, long... shape) {
    Tensor tensor = empty(type, device, shape);
    tensor.zero_(); // what it returns points to this tensor without owning it
    return tensor;
  }

  /** A new tensor of ones. */
  public static Tensor ones(ScalarType type, Device device, long... shape) {
    Tensor tensor = empty(type, device, shape);
    tensor.fill_(new Scalar(1.0));
    return tensor;
  }

  /** A tensor of int64 with these values, one dimension. */
  public static Tensor longs(Device device, long... values) {
    Tensor host = empty(ScalarType.Long, Device.CPU, values.length);
    if (values.length > 0) new LongPointer(host.data_ptr_long()).put(values, 0, values.length);
    return on(host, device);
  }

  /** A one-dimensional tensor of {@code type} holding these values. */
  public static Tensor reals(ScalarType type, Device device, double... values) {
    Tensor host = empty(ScalarType.Double, Device.CPU, values.length);
    if (values.length > 0) host.data_ptr_double().put(values, 0, values.length);
    return on(host.to(type), device);
  }

  /** 0, 1, …, count − 1 as int64. */
  public static Tensor counting(Device device, long count) {
    return torch.arange(new Scalar(count), options(ScalarType.Long, device));
  }

  /** Copies a tensor's elements, in row-major order, to the beginning of {@code to}. */
  public static void toFloats(Tensor tensor, float[] to) {
    int count = Math.toIntExact(tensor.numel());
    if (count == 0) return;
    try (var scope = Scope.open("to floats")) {
      Tensor host = host(tensor, ScalarType.Float);
      host.data_ptr_float().get(to, 0, count);
    }
  }

  /** Copies a tensor's elements, in row-major order, into a Java array. */
  public static double[] toDoubles(Tensor tensor) {
    double[] values = new double[Math.toIntExact(tensor.numel())];
    if (values.length == 0) return values;
    try (var scope = Scope.open("to doubles")) {
      Tensor host = host(tensor, ScalarType.Double);
      host.data_ptr_double().get(values, 0, values.length);
    }
    return values;
  }

  /** Element type of a tensor. The enum that libtorch's own getter returns is not one of the constants and never equals them. */
  public static ScalarType type(Tensor tensor) {
    return tensor.scalar_type().intern();
  }

  /** Sizes of a tensor's dimensions. */
  public static long[] shape(Tensor tensor) {
    long[] shape = new long[Math.toIntExact(tensor.dim())];
    for (int i = 0; i < shape.length; i++) shape[i] = tensor.size(i);
    return shape;
  }

  /** Foreign memory seen as a tensor, not copied; the caller keeps the memory alive longer than the tensor. */
  public static Tensor wrap(long address, ScalarType type, long... shape) {
    return torch.from_blob(new Address(address), shape, options(type, Device.CPU));
  }

  /** A contiguous copy on the CPU in the given type, or the tensor itself if it is one already. */
  public static Tensor host(Tensor tensor, ScalarType type) {
    return tensor.to(device(Device.CPU), type).contiguous();
  }

  private static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }

  private static Tensor on(Tensor host, Device device) {
    return device.kind() == Device.Kind.CPU ? host : host.to(device(device), type(host));
  }

  private static TensorOptions options(ScalarType type, Device device) {
    return new TensorOptions().dtype(new ScalarTypeOptional(type)).device(new DeviceOptional(device(device)));
  }

  private static org.bytedeco.pytorch.Device device(Device device) {
    return device.kind() == Device.Kind.CPU
        ? new org.bytedeco.pytorch.Device(DeviceType.CPU)
        : new org.bytedeco.pytorch.Device(DeviceType.CUDA, (byte) device.index());
  }
}
