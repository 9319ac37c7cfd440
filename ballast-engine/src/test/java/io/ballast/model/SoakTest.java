package io.ballast.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class SoakTest {

  /** Two tensors of a step left behind would be 300 · 2 · 10 kB at the very least here. */
  @Test @EnabledOnOs(OS.LINUX) void hundreds_of_steps_of_changing_shapes_leave_resident_memory_flat() throws IOException {
    try (Policy policy = Policy.random(PolicyTest.TINY, 7, Device.CPU, DType.FP32);
        AdamW adam = new AdamW(policy, AdamW.Settings.DEFAULT)) {
      for (int step = 0; step < 60; step++) step(policy, adam, step);
      long before = residentKilobytes();
      for (int step = 60; step < 360; step++) step(policy, adam, step);
      assertThat(residentKilobytes() - before).as("growth in kB over 300 steps").isLessThan(24_000);
    }
  }

  private static void step(Policy policy, AdamW adam, int step) {
    // Shapes come round again: a new row length is no leak.
    TokenRows rows = PolicyTest.rows(step % 20, 4, 30);
    policy.score(rows, 1);
    double[] dlogp = new Random(step).doubles(rows.trainedTokens(), -1, 1).toArray();
    policy.backward(rows, 1, dlogp, step % 2 == 0 ? null : dlogp);
    adam.step(1e-3, 1);
    if (step % 10 == 0) {
      try (Policy copy = policy.copy()) {
        copy.lerp(policy, 0.5);
      }
    }
  }

  private static long residentKilobytes() throws IOException {
    System.gc(); // the heap is no part of the question
    String line = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(l -> l.startsWith("VmRSS")).findFirst().orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", ""));
  }
}
