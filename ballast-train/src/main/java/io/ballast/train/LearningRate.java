package io.ballast.train;

/**
 * Linear warm-up, then the decay: η(s) = η · min(1, s / warmup) · d((s − warmup) / (steps − warmup)) for step s = 1, 2, …;
 * d falls from 1 to {@code finalShare} along a line or half a cosine, or stays 1.
 *
 * @param warmup steps until the full rate
 * @param finalShare share of the rate left at the last step
 */
record LearningRate(double rate, int warmup, io.ballast.config.Recipe.Decay decay, double finalShare, int steps) {

  /** @param step from 1 */
  double at(int step) {
    double warm = warmup > 0 ? Math.min(1, (double) step / warmup) : 1;
    double gone = Math.clamp((double) (step - warmup) / Math.max(1, steps - warmup), 0, 1);
    double shape = switch (decay) {
      case CONSTANT -> 1;
      case LINEAR -> 1 - (1 - finalShare) * gone;
      case COSINE -> finalShare + (1 - finalShare) * 0.5 * (1 + Math.cos(Math.PI * gone));
    };
    return rate * warm * shape;
  }
}
