package io.ballast.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.model.Policy;
import io.ballast.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A sampler used for long, and samplers opened and closed, leave resident memory where it was. */
class MemoryTest {
  /** Resident memory outside the Java heap, whose growth is the collector's business. */
  static double residentMb() throws IOException {
    System.gc();
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      long resident = Long.parseLong(lines.filter(l -> l.startsWith("VmRSS:")).findFirst().orElseThrow().replaceAll("\\D", ""));
      return resident / 1024.0 - Runtime.getRuntime().totalMemory() / 1048576.0;
    }
  }

  static void generate(Generator generator, int seed) {
    // Lengths change from call to call, so that blocks of many sizes come and go.
    generator.generate(Models.requests(4, 6, 20 + seed % 40), Sampling.of(1, seed, Set.of(2), Numerics.FAST), null);
  }

  @Test void resident_memory_stays_flat() throws IOException {
    for (DType dtype : List.of(DType.FP32, DType.BF16)) {
      try (Policy policy = Models.policy(Models.qwen2(), dtype)) {
        try (Generator generator = new Generator(policy)) {
          for (int i = 0; i < 100; i++) generate(generator, i);
          long held = generator.bytes();
          double before = residentMb();
          for (int i = 0; i < 60; i++) generate(generator, i);
          assertThat(generator.bytes()).isEqualTo(held);
          assertThat(residentMb() - before).isLessThan(48);
        }
        double before = residentMb();
        for (int i = 0; i < 12; i++) {
          try (Generator generator = new Generator(policy, new Limits(64, 64, 1 << 24))) {
            generate(generator, i);
          }
        }
        assertThat(residentMb() - before).isLessThan(48);
      }
    }
  }

  @Test void a_listener_that_throws_leaves_the_cache_as_it_was() {
    try (Policy policy = Models.policy(Models.qwen2(), DType.FP32); Generator generator = new Generator(policy)) {
      generate(generator, 1);
      long held = generator.bytes();
      for (int i = 0; i < 5; i++) {
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> generator.generate(Models.requests(4, 6, 21),
            Sampling.of(1, 1, Set.of(2), Numerics.FAST), (tokens, finished, samples) -> {
              throw new IllegalStateException("enough");
            })).hasMessage("enough");
      }
      generate(generator, 1);
      assertThat(generator.bytes()).isEqualTo(held);
    }
  }
}
