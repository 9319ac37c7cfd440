package io.ballast.sample;

/**
 * Counter-based random numbers: one uniform per (seed, key, sample, position), so that a sample's numbers depend on nothing else.
 *
 * <pre>   h ← mix(seed + γ);  for w in key, sample, position: h ← mix((h ⊕ w) + γ),   u = (h >>> 11)·2⁻⁵³ in [0, 1)</pre>
 *
 * <p>mix is the finalizer of SplitMix64, a bijection in which every input bit flips every output bit with probability near one half;
 * γ = 0x9E3779B97F4A7C15.
 *
 * @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea and Flood 2014</a>, SplitMix
 */
final class Uniforms {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private Uniforms() {}

  static double uniform(long seed, long key, int sample, int position) {
    long h = mix(seed + GAMMA);
    h = mix((h ^ key) + GAMMA);
    h = mix((h ^ sample) + GAMMA);
    h = mix((h ^ position) + GAMMA);
    return (h >>> 11) * 0x1p-53;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
