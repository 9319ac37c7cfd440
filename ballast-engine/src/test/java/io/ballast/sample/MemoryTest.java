package io.ballast.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.model.Policy;
import io.ballast.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
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

  /** The least growth of three rounds: a leak grows in each, a heap that is resized or a compiler at work does not. */
  static double leastGrowth(int calls, IntConsumer call) throws IOException {
    double least = Double.POSITIVE_INFINITY;
    for (int round = 0; round < 3; round++) {
      double before = residentMb();
      for (int i = 0; i < calls; i++) call.accept(i);
      least = Math.min(least, residentMb() - before);
    }
    return least;
  }

  @Test void resident_memory_stays_flat() throws IOException {
    for (DType dtype : List.of(DType.FP32, DType.BF16)) {
      try (Policy policy = Models.policy(Models.qwen2(), dtype)) {
        try (Generator generator = new Generator(policy)) {
          for (int i = 0; i < 100; i++) generate(generator, i);
          long held = generator.bytes();
          assertThat(leastGrowth(30, i -> generate(generator, i))).isLessThan(32);
          assertThat(generator.bytes()).isEqualTo(held);
        }
        assertThat(leastGrowth(8, i -> {
          try (Generator generator = new Generator(policy, new Limits(64, 64, 1 << 24))) {
            generate(generator, i);
          }
        })).isLessThan(32);
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
