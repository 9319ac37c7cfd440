package io.ballast.tensor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Context;
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

  /** Whether the libtorch of this build has CUDA. */
  static boolean cuda() {
    return torch.class.getResource("/org/bytedeco/pytorch/" + Loader.getPlatform() + "-gpu/libtorch_cuda.so") != null;
  }

  /** Whether it found the libraries it needs for that. */
  static boolean cudaLoaded() {
    init();
    return Symbols.library("libtorch_cuda.so").isPresent();
  }

  /** GPUs libtorch can use. */
  static int gpus() {
    init();
    return torch.cuda_is_available() ? torch.cuda_device_count() : 0;
  }

  /**
   * Lets operations on GPUs take their deterministic versions; of one that has none libtorch warns. To be called before the first product on
   * a GPU: cuBLAS reads the size of its workspace, without which its sums have no fixed order, once.
   *
   * @see <a href="https://docs.nvidia.com/cuda/cublas/#results-reproducibility">cuBLAS, results reproducibility</a>
   */
  static void deterministic() {
    init();
    setEnvironment("CUBLAS_WORKSPACE_CONFIG", ":4096:8");
    Context context = torch.globalContext();
    context.setDeterministicAlgorithms(true, true);
    context.setDeterministicFillUninitializedMemory(false); // every buffer is written before it is read
    context.setDeterministicCuDNN(true);
  }

  /** Sets a variable that native libraries of this process read, unless it has a value. */
  private static void setEnvironment(String name, String value) {
    MethodHandle set = Symbols.handle(Linker.nativeLinker().defaultLookup(), "setenv", false, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT))
        .orElseThrow(() -> new IllegalStateException("this system has no setenv; set %s=%s before the start".formatted(name, value)));
    try (Arena arena = Arena.ofConfined()) {
      int failed = (int) set.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 0);
      if (failed != 0) throw new IllegalStateException("setting %s failed; set %s=%s before the start".formatted(name, name, value));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("setting %s failed".formatted(name), e);
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
