package io.ballast.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.global.torch;

/** What the processor says of itself, where oneDNN has not been told to do without. Linux only, elsewhere it has nothing. */
public final class Processor {
  private static final Set<String> AVX512 = Set.of("avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl");
  /** Environment variables that keep oneDNN from instructions the processor has. */
  private static final List<String> LIMITS = List.of("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA");
  private static final Set<String> FLAGS = flags();
  private static final boolean INTEL = line("vendor_id").contains("GenuineIntel");

  private Processor() {}

  /** The part of AVX-512 that oneDNN's kernels need. */
  public static boolean hasAvx512() {
    return FLAGS.containsAll(AVX512);
  }

  /** Products of bf16. */
  public static boolean hasBf16() {
    return hasAvx512() && FLAGS.contains("avx512_bf16");
  }

  /** Whether MKL uses what the processor has; others it keeps to 256-bit instructions. */
  public static boolean isIntel() {
    return INTEL;
  }

  private static Set<String> flags() {
    if (LIMITS.stream().anyMatch(name -> System.getenv(name) != null)) return Set.of();
    Native.init();
    if (!torch.globalContext().userEnabledMkldnn()) return Set.of();
    return Set.copyOf(List.of(line("flags").split("\\s+")));
  }

  /** What the first processor says under a heading. */
  private static String line(String heading) {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines.filter(line -> line.startsWith(heading)).findFirst().map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse("");
    } catch (IOException e) {
      return "";
    }
  }
}
