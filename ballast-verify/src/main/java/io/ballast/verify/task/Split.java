package io.ballast.verify.task;

/** Decides by the text of a prompt which side of the train/evaluation split it is on, and draws repeatable random numbers. */
public final class Split {
  private static final int HELD_OUT_IN = 10;

  private Split() {}

  /** A stable number of the prompt, not negative: 63 bits of FNV-1a, mixed. */
  public static long id(String prompt) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < prompt.length(); i++) hash = (hash ^ prompt.charAt(i)) * 0x100000001b3L;
    return mix(hash) >>> 1;
  }

  /** Whether the prompt belongs to evaluation: about one in ten does. */
  static boolean heldOut(long id) {
    return mix(id) >>> 33 < (1L << 31) / HELD_OUT_IN;
  }

  /** Whether the prompt belongs to evaluation, where a share of all prompts does. */
  public static boolean heldOut(long id, double share) {
    return mix(id) >>> 33 < share * (1L << 31);
  }

  /** Finaliser of SplitMix64: every bit of the input reaches every bit of the output. */
  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
