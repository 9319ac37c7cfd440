package io.ballast.bench;

import io.ballast.sample.Numerics;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;

/**
 * The step to be measured.
 *
 * @param prompts per step; group: answers to each; maxNew: tokens of each answer, always reached; promptLength: tokens of each prompt
 * @param steps measured ones, after one that warms up
 * @param numerics of sampling
 * @param firstPhase whether training scores all tokens before the backward pass, as it must where data are stale; a fresh batch's first
 *     update knows them from sampling
 */
public record Work(Shape shape, int prompts, int group, int maxNew, int promptLength, int steps, DType dtype, Device device,
    Numerics numerics, boolean firstPhase) {

  public Work {
    positive("prompts", prompts);
    positive("group", group);
    positive("max-new", maxNew);
    positive("prompt-length", promptLength);
    positive("steps", steps);
    if (group == 1) throw new IllegalArgumentException("group must be at least 2, got 1: a group's advantages compare its answers");
    if (numerics == Numerics.EXACT && device.kind() != Device.Kind.CPU) {
      throw new IllegalArgumentException("numerics must be fast on device %s: the exact engine computes on a CPU only".formatted(device));
    }
  }

  private static void positive(String name, int value) {
    if (value < 1) throw new IllegalArgumentException(name + " must be at least 1, got " + value);
  }

  /** The shape's own amount of work in fp32 on the CPU. */
  public static Work of(Shape shape) {
    return new Work(shape, shape.prompts(), shape.group(), shape.maxNew(), 8, 3, DType.FP32, Device.CPU, Numerics.FAST, false);
  }

  int samples() {
    return prompts * group;
  }

  /** Tokens sampled per step. */
  public long tokens() {
    return (long) samples() * maxNew;
  }
}
