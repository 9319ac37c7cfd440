package io.ballast.sample;

import java.util.Arrays;

/** Draws one token from a row of logits. Not for use by two threads at once: it holds the work arrays. */
final class TokenSampler {
  private float[] weight = new float[0];
  private long[] order = new long[0];

  private int token;
  private float logp;
  private double entropy;
  private float inverse;
  private float top;

  /** The token drawn last. */
  int token() {
    return token;
  }

  /** Its ln softmax(logits / temperature), before any cut. */
  float logp() {
    return logp;
  }

  /**
   * Draws from {@code logits[at … at + size)} with the uniform number {@code u} in [0, 1).
   *
   * @throws ArithmeticException if the logits hold NaN or +∞: the weights are broken, and no token would be meant
   */
  void draw(float[] logits, int at, int size, Sampling sampling, double u) {
    double sum = weigh(logits, at, size, (float) (1 / sampling.policyTemperature()), sampling.numerics());
    token = sampling.greedy() ? argmax(logits, at, size) : sampling.cuts() ? drawCut(size, sampling, sum, u) : pick(size, u * sum);
    logp = logp(logits[at + token], sum);
    measure(logits, at, size, sum, sampling.numerics());
  }

  /** ln softmax(logits / temperature) of a given token: the bits it would be drawn with. */
  float score(float[] logits, int at, int size, int token, double temperature, Numerics numerics) {
    double sum = weigh(logits, at, size, (float) (1 / temperature), numerics);
    measure(logits, at, size, sum, numerics);
    return logp(logits[at + token], sum);
  }

  private void measure(float[] logits, int at, int size, double sum, Numerics numerics) {
    double weighted = 0;
    if (numerics == Numerics.FAST && Simd.available()) weighted = Vectors.weighted(weight, logits, at, size, inverse, top);
    else for (int i = 0; i < size; i++) if (weight[i] > 0) weighted += weight[i] * (double) (logits[at + i] * inverse - top);
    entropy = Math.log(sum) - weighted / sum;
  }

  /** Entropy of the distribution drawn from or scored last. */
  double entropy() {
    return entropy;
  }

  private float logp(float logit, double sum) {
    return (float) ((double) (logit * inverse - top) - Math.log(sum));
  }

  /** Fills {@code weight} with exp((logit − largest) · inverse) and returns their sum. */
  private double weigh(float[] logits, int at, int size, float inverse, Numerics numerics) {
    if (weight.length < size) weight = new float[size];
    this.inverse = inverse;
    boolean vectors = numerics == Numerics.FAST && Simd.available();
    float max = vectors ? Vectors.max(logits, at, size) : logits[at + argmax(logits, at, size)];
    top = max * inverse;
    double sum = vectors ? Vectors.weights(logits, at, size, inverse, top, weight) : plainWeights(logits, at, size, numerics);
    if (!(sum >= 1) || Double.isInfinite(sum)) {
      throw new ArithmeticException("logits hold NaN or infinity (largest %s): the weights are not finite".formatted(max));
    }
    return sum;
  }

  private double plainWeights(float[] logits, int at, int size, Numerics numerics) {
    for (int i = 0; i < size; i++) weight[i] = logits[at + i] * inverse - top;
    Exp.inPlace(weight, 0, size, numerics);
    return sum(weight, size);
  }

  /** Four running sums, so that the additions overlap in the processor. */
  private static double sum(float[] a, int size) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 3 < size; i += 4) {
      s0 += a[i];
      s1 += a[i + 1];
      s2 += a[i + 2];
      s3 += a[i + 3];
    }
    for (; i < size; i++) s0 += a[i];
    return s0 + s1 + (s2 + s3);
  }

  private static int argmax(float[] logits, int at, int size) {
    int best = 0;
    for (int i = 1; i < size; i++) if (logits[at + i] > logits[at + best]) best = i;
    return best;
  }

  /** First id at which the running sum of weights exceeds {@code target}. */
  private int pick(int size, double target) {
    double running = 0;
    int last = 0;
    for (int i = 0; i < size; i++) {
      if (weight[i] <= 0) continue;
      running += weight[i];
      last = i;
      if (running > target) return i;
    }
    return last; // rounding left the target at the very end
  }

  /** Draws among what the cuts leave; {@code weight} is 1 at the most probable token. */
  private int drawCut(int size, Sampling sampling, double sum, double u) {
    int topK = sampling.topK() == 0 ? size : Math.min(size, sampling.topK());
    int kept = Math.min(topK, candidates(size, topK, floor(size, sampling, sum)));
    if (sampling.topP() < 1) kept = nucleus(kept, sampling.topK() > 0 ? mass(kept) : sum, sampling.topP());
    while (weight[id(kept - 1)] < sampling.minP()) kept--;
    double target = u * mass(kept);
    double running = 0;
    for (int i = 0; i < kept; i++) {
      running += weight[id(i)];
      if (running > target) return id(i);
    }
    return id(kept - 1);
  }

  /** A weight below which no token can survive the cuts, so that few need sorting. */
  private static double floor(int size, Sampling sampling, double sum) {
    if (sampling.topP() == 1) return sampling.minP();
    if (sampling.topK() > 0) return 0; // the nucleus is a share of all of the top k
    // Tokens below (1 − p)/V have less than 1 − p together, so the nucleus lies above.
    return Math.max(sampling.minP(), (1 - sampling.topP()) * sum / size * 0.999);
  }

  /** Sorts the ids of at least this weight into {@code order}, by falling weight, then by rising id; the first {@code wanted} are right. */
  private int candidates(int size, int wanted, double floor) {
    if (order.length < size) order = new long[size];
    int limit = Math.max(1024, 4 * wanted);
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (weight[i] < floor) continue;
      // Weights are not negative, so their bits sort like their values.
      order[kept++] = ((long) (Integer.MAX_VALUE - Float.floatToRawIntBits(weight[i])) << 32) | i;
      if (kept == limit) {
        Arrays.sort(order, 0, kept);
        kept = wanted;
        floor = Math.nextUp((double) weight[id(kept - 1)]); // a later id loses to an equal weight
      }
    }
    Arrays.sort(order, 0, kept);
    return kept;
  }

  private int id(int rank) {
    return (int) order[rank];
  }

  private double mass(int kept) {
    double mass = 0;
    for (int i = 0; i < kept; i++) mass += weight[id(i)];
    return mass;
  }

  private int nucleus(int kept, double sum, double topP) {
    double running = 0;
    for (int i = 0; i < kept; i++) {
      running += weight[id(i)];
      if (running >= topP * sum) return i + 1;
    }
    return kept;
  }
}
