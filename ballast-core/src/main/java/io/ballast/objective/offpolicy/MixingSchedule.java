package io.ballast.objective.offpolicy;

import io.ballast.objective.Check;

/**
 * CHORD's weight μ of the supervised loss over optimizer steps.
 *
 * <pre>
 *   k &lt; warm-up:            peak · k / warm-up
 *   k &lt; warm-up + decay:    valley + (peak − valley)/2 · (1 + cos(π (k − warm-up) / decay))
 *   later:                  valley
 * </pre>
 *
 * @param warmup steps from 0 to the peak
 * @param decay steps from the peak to the valley
 */
public record MixingSchedule(long warmup, long decay, double peak, double valley) {
  public MixingSchedule {
    Check.atLeast("w", warmup, 0);
    Check.atLeast("d", decay, 0);
    Check.within("peak", peak, 0, 1);
    Check.within("valley", valley, 0, 1);
  }

  /** μ at optimizer step k, from 0. */
  public double at(long k) {
    if (k < warmup) return peak * k / warmup;
    if (k < warmup + decay) return valley + (peak - valley) / 2 * (1 + Math.cos(Math.PI * (k - warmup) / decay));
    return valley;
  }
}
