package io.ballast.verify.task;

/** Random numbers that depend on a key alone (SplitMix64), the same on every JDK. */
final class Draw {
  private long state;

  Draw(long seed, long key) {
    state = Split.mix(seed + 0x9e3779b97f4a7c15L) ^ Split.mix(key * 0xd1342543de82ef95L + 1);
  }

  long next() {
    return Split.mix(state += 0x9e3779b97f4a7c15L);
  }

  /** In [0, bound). The bias, below bound / 2^63, is of no consequence here. */
  int below(int bound) {
    return (int) Math.floorMod(next() >>> 1, (long) bound);
  }

  /** In [low, high]. */
  int between(int low, int high) {
    return low + below(high - low + 1);
  }

  boolean chance(double probability) {
    return (next() >>> 11) * 0x1p-53 < probability;
  }
}
