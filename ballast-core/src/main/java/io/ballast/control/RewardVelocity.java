package io.ballast.control;

/**
 * A PID controller on the velocity of the reward.
 *
 * <pre>
 *   ema ← 0.95 ema + 0.05 reward            the first reward only sets it, out = 0
 *   e   = (ema − ema before) − 0.001        target velocity 0.001 a step
 *   I   ← clip(I + e, −1, 1)
 *   out = 0.3 e + 0.01 I + 0.05 (e − e before)
 * </pre>
 *
 * @param started whether a reward was seen
 * @param ema smoothed reward
 * @param error e of the last reward
 * @param integral I
 * @param out its output
 */
public record RewardVelocity(boolean started, double ema, double error, double integral, double out) {
  static final RewardVelocity START = new RewardVelocity(false, 0, 0, 0, 0);

  private static final double SMOOTHING = 0.95, TARGET = 0.001, P = 0.3, I = 0.01, D = 0.05;

  RewardVelocity after(double reward) {
    if (!started) return new RewardVelocity(true, reward, 0, 0, 0);
    double moved = SMOOTHING * ema + (1 - SMOOTHING) * reward;
    double e = moved - ema - TARGET;
    double sum = Math.clamp(integral + e, -1, 1);
    return new RewardVelocity(true, moved, e, sum, P * e + I * sum + D * (e - error));
  }

  double[] toArray() {
    return new double[] {started ? 1 : 0, ema, error, integral, out};
  }

  static RewardVelocity of(double[] a) {
    return new RewardVelocity(a[0] != 0, a[1], a[2], a[3], a[4]);
  }
}
