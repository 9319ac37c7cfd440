package io.ballast.verify;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;

/**
 * Pass rates of n answers to each of some prompts, with 95 % bootstrap intervals over the prompts.
 *
 * <pre>
 *   pass@k = mean over prompts of 1 − C(n − c, k) / C(n, k)      c right of n; unbiased for k ≤ n
 *   avg@n  = mean over prompts of the mean score                 equals pass@1 where scores are 0 or 1
 * </pre>
 *
 * @param right [P], right answers to each prompt
 * @param score [P], mean score of the answers to each prompt
 * @param samples n, answers to each prompt
 * @see <a href="https://arxiv.org/abs/2107.03374">Chen et al. 2021</a>, section 2.1, for the estimator
 */
public record PassRates(int[] right, double[] score, int samples) {
  private static final int RESAMPLES = 2_000;

  /** A mean with the interval that holds it with 95 %. */
  public record Rate(double value, double low, double high) {}

  public PassRates {
    if (right.length == 0) throw new IllegalArgumentException("there are no prompts to take a rate over");
    if (right.length != score.length) throw new IllegalArgumentException("%d counts but %d scores; one of each per prompt".formatted(right.length, score.length));
    if (samples < 1) throw new IllegalArgumentException("samples must be at least 1, got " + samples);
    for (int p = 0; p < right.length; p++) {
      if (right[p] < 0 || right[p] > samples) throw new IllegalArgumentException("prompt %d: %d right of %d samples".formatted(p, right[p], samples));
    }
  }

  /** @param k 1 to n */
  public Rate passAt(int k) {
    if (k < 1 || k > samples) throw new IllegalArgumentException("k must be in [1, %d], the number of samples, got %d".formatted(samples, k));
    return rate(p -> passAt(k, right[p]));
  }

  public Rate average() {
    return rate(p -> score[p]);
  }

  private double passAt(int k, int c) {
    double none = 1;
    for (int i = 0; i < k; i++) none *= Math.max(0, samples - c - i) / (double) (samples - i);
    return 1 - none;
  }

  private Rate rate(IntToDoubleFunction ofPrompt) {
    int prompts = right.length;
    double[] values = new double[prompts], means = new double[RESAMPLES];
    Arrays.setAll(values, ofPrompt);
    var random = new SplittableRandom(0);
    for (int r = 0; r < RESAMPLES; r++) {
      double sum = 0;
      for (int p = 0; p < prompts; p++) sum += values[random.nextInt(prompts)];
      means[r] = sum / prompts;
    }
    Arrays.sort(means);
    return new Rate(Arrays.stream(values).sum() / prompts, means[(int) (0.025 * RESAMPLES)], means[(int) (0.975 * RESAMPLES) - 1]);
  }
}
