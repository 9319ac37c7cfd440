package io.ballast.tensor;

import java.util.Locale;

/**
 * Where tensors live: {@code cpu}, {@code cuda} or {@code cuda:N}.
 *
 * @param index which GPU, 0 for the CPU
 */
public record Device(Kind kind, int index) {

  /** The processors libtorch is built for here. */
  public enum Kind { CPU, CUDA }

  public static final Device CPU = new Device(Kind.CPU, 0);

  public Device {
    if (index < 0 || (kind == Kind.CPU && index != 0)) {
      throw new IllegalArgumentException("device index must be 0 for the CPU and at least 0 for CUDA, got " + index);
    }
  }

  /** Reads {@code cpu}, {@code cuda} or {@code cuda:N}. */
  public static Device parse(String text) {
    String name = text.toLowerCase(Locale.ROOT).strip();
    if (name.equals("cpu")) return CPU;
    if (name.equals("cuda")) return new Device(Kind.CUDA, 0);
    if (name.matches("cuda:\\d{1,3}")) return new Device(Kind.CUDA, Integer.parseInt(name.substring(5)));
    throw new IllegalArgumentException("device must be cpu, cuda or cuda:N, got '" + text + "'");
  }

  /**
   * This device, if tensors can live there.
   *
   * @throws IllegalArgumentException saying what is missing
   */
  public Device usable() {
    if (kind == Kind.CPU) return this;
    int gpus = Native.gpus();
    if (index < gpus) return this;
    String missing = !Native.cuda() ? "this build computes on CPUs only; run BALLAST_PROFILE=cuda ./ballast (or build with mvn -Pcuda), or use device cpu"
        : !Native.cudaLoaded() ? "libtorch did not find CUDA 13.1, cuDNN 9 and NCCL; install them where the loader looks, or use device cpu"
        : gpus == 0 ? "libtorch finds no NVIDIA GPU or no driver for it; see nvidia-smi, or use device cpu"
        : "libtorch finds %d GPU%s, numbered from 0".formatted(gpus, gpus == 1 ? "" : "s");
    throw new IllegalArgumentException("device %s: %s".formatted(this, missing));
  }

  /** Makes the same operations on this device give the same bits from now on; on a CPU they do anyway. */
  public void deterministic() {
    if (kind == Kind.CUDA) Native.deterministic();
  }

  @Override public String toString() {
    return kind == Kind.CPU ? "cpu" : "cuda:" + index;
  }
}
