package io.ballast.train;

/** Counter-based randomness: a number is a function of what it is for, so nothing about it has to be saved. */
final class Mixing {
  private Mixing() {}

  /** 64 mixed bits of a seed and two counters. */
  static long bits(long seed, long first, long second) {
    return mix(mix(mix(seed) + first * 0x9E3779B97F4A7C15L) + second * 0xD1B54A32D192ED03L);
  }

  /** A permutation of 0..n-1 that depends on the seed and two counters alone. */
  static int[] permutation(int n, long seed, long first, long second) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) order[i] = i;
    long state = bits(seed, first, second);
    for (int i = n - 1; i > 0; i--) {
      state += 0x9E3779B97F4A7C15L;
      int j = (int) Math.unsignedMultiplyHigh(mix(state), i + 1L);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
  }

  /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that spreads every input bit over all output bits. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
