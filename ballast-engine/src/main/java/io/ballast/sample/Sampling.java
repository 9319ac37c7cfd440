package io.ballast.sample;

import java.util.Set;

/**
 * How the next token is drawn from its logits. The policy is softmax(logits / temperature); the cuts apply to it in this order: the
 * {@code topK} largest, of these the fewest whose probability reaches {@code topP}, of these the ones with at least {@code minP} times
 * the largest probability. What remains is scaled to sum to 1.
 *
 * @param temperature above 0; not used where greedy
 * @param topK 0 = off
 * @param topP in (0, 1], 1 = off
 * @param minP in [0, 1], 0 = off
 * @param greedy take the largest logit, the lowest id among equals
 * @param seed of the random numbers
 * @param stopTokens ids that end an answer
 */
public record Sampling(double temperature, int topK, double topP, double minP, boolean greedy, long seed, Set<Integer> stopTokens,
    Numerics numerics) {

  public Sampling {
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException("temperature must be above 0 and finite, got " + temperature + "; use greedy for temperature 0");
    }
    if (topK < 0) throw new IllegalArgumentException("top-k must be at least 0 (0 = off), got " + topK);
    if (!(topP > 0 && topP <= 1)) throw new IllegalArgumentException("top-p must be in (0, 1] (1 = off), got " + topP);
    if (!(minP >= 0 && minP <= 1)) throw new IllegalArgumentException("min-p must be in [0, 1] (0 = off), got " + minP);
    stopTokens = Set.copyOf(stopTokens);
  }

  /** Plain sampling from softmax(logits / temperature). */
  public static Sampling of(double temperature, long seed, Set<Integer> stopTokens, Numerics numerics) {
    return new Sampling(temperature, 0, 1, 0, false, seed, stopTokens, numerics);
  }

  /** The most probable token, always. */
  public static Sampling greedy(Set<Integer> stopTokens, Numerics numerics) {
    return new Sampling(1, 0, 1, 0, true, 0, stopTokens, numerics);
  }

  /** Temperature of the distribution that log-probabilities are of. */
  double policyTemperature() {
    return greedy ? 1 : temperature;
  }

  boolean cuts() {
    return topK > 0 || topP < 1 || minP > 0;
  }
}
