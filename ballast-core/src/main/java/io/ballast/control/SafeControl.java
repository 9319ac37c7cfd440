package io.ballast.control;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.TokenBatch;
import java.util.Arrays;
import java.util.Map;

/**
 * SAFE's controller: how hard the policy is held to its reference, from the smoothed divergence, the reward's velocity and the entropy.
 *
 * <pre>
 *   kl_s ← 0.9 kl_s + 0.1 kl                               kl = token mean of logp − refLogp
 *   thr  = clip((kl-threshold + out) · phase, 0.1, 0.6)    out: PID on the reward's velocity, see below
 *   gate = max(0.5, 2 / (H + 0.1))                         H: token mean of −oldLogp; low entropy amplifies
 *   penalty = 0.1 (kl_s − thr)²_+ · gate
 *   β    = d penalty / d kl_s = 0.2 (kl_s − thr)_+ · gate  coefficient of the KL term
 *   phase: warm-up 1.5 (fewer than 50 steps), climbing 1.2 (mean of the last 50 rewards more than 0.01 above that of the 50 before),
 *          converged 1.0 (standard deviation of the last 50 below 0.02 and their mean above 0.7), plateau 0.8
 *   PID: ema ← 0.95 ema + 0.05 reward; e = Δema − 0.001; I ← clip(I + e, ±1); out = 0.3 e + 0.01 I + 0.05 Δe
 * </pre>
 * The step's own numbers count: they are {@link #observing observed} before its gradient is taken.
 *
 * @param kl smoothed divergence kl_s
 * @param slowKl the same smoothed by 0.99; only shown
 * @param gate entropy gate of the last observation
 * @param velocity the PID's state
 * @param rewards the last mean rewards, oldest first, at most 100
 * @param klThreshold 0.3 in the official code
 * @see <a href="https://github.com/ryyzn9/SAFE">official code, safe/controllers</a>
 */
public record SafeControl(
    double kl, double slowKl, double gate, RewardVelocity velocity, double[] rewards, double klThreshold)
    implements Controller<SafeControl> {

  private static final int WINDOW = 50;
  private static final double WARM_UP = 1.5, CLIMBING = 1.2, CONVERGED = 1.0, PLATEAU = 0.8;
  private static final double THRESHOLD_MIN = 0.1, THRESHOLD_MAX = 0.6, PENALTY = 0.1, GATE_MIN = 0.5;

  public SafeControl {
    Check.above("kl-threshold", klThreshold, 0);
  }

  /** Before the first step. */
  public static SafeControl start(double klThreshold) {
    return new SafeControl(0, 0, GATE_MIN, RewardVelocity.START, new double[0], klThreshold);
  }

  /** The controller once this step's divergence, mean reward and entropy (nats) are known. */
  public SafeControl after(double klNow, double reward, double entropy) {
    double[] seen = Arrays.copyOf(rewards, rewards.length + 1);
    seen[rewards.length] = reward;
    if (seen.length > 2 * WINDOW) seen = Arrays.copyOfRange(seen, 1, seen.length);
    return new SafeControl(0.9 * kl + 0.1 * klNow, 0.99 * slowKl + 0.01 * klNow,
        Math.max(GATE_MIN, 2.0 / (entropy + 0.1)), velocity.after(reward), seen, klThreshold);
  }

  @Override public SafeControl observing(TokenBatch whole) {
    return after(Means.klToReference(whole), Means.ofSequences(whole, whole.column(Column.REWARD)), Means.sampledEntropy(whole.oldLogp()));
  }

  @Override public SafeControl next(TokenBatch whole, Evaluation result) {
    return observing(whole);
  }

  /** thr: the smoothed divergence that is still free. */
  public double threshold() {
    return Math.clamp((klThreshold + velocity.out()) * phase(), THRESHOLD_MIN, THRESHOLD_MAX);
  }

  /** The official code's number, added to the loss as a constant. */
  public double penalty() {
    double over = Math.max(0, kl - threshold());
    return PENALTY * over * over * gate;
  }

  /** β: the penalty's derivative, the coefficient of a KL term with a gradient. */
  public double coefficient() {
    return 2 * PENALTY * Math.max(0, kl - threshold()) * gate;
  }

  private double phase() {
    int n = rewards.length;
    if (n < WINDOW) return WARM_UP;
    double recent = mean(n - WINDOW, n);
    if (n > WINDOW && recent > mean(Math.max(0, n - 2 * WINDOW), n - WINDOW) + 0.01) return CLIMBING;
    double square = 0;
    for (int i = n - WINDOW; i < n; i++) square += (rewards[i] - recent) * (rewards[i] - recent);
    return Math.sqrt(square / WINDOW) < 0.02 && recent > 0.7 ? CONVERGED : PLATEAU;
  }

  private double mean(int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) sum += rewards[i];
    return sum / (to - from);
  }

  @Override public Map<String, double[]> memory() {
    return Memory.of("kl", kl, "slow-kl", slowKl, "gate", gate, "reward-velocity", velocity.toArray(), "rewards", rewards);
  }

  @Override public SafeControl remembering(Map<String, double[]> memory) {
    Memory.expect(memory, "kl", "slow-kl", "gate", "reward-velocity", "rewards");
    return new SafeControl(Memory.scalar(memory, "kl"), Memory.scalar(memory, "slow-kl"), Memory.scalar(memory, "gate"),
        RewardVelocity.of(memory.get("reward-velocity")), memory.get("rewards").clone(), klThreshold);
  }

  @Override public Map<String, Metric> metrics() {
    return Map.of("kl-smoothed", new Metric.Same(kl), "kl-smoothed-slow", new Metric.Same(slowKl),
        "kl-threshold", new Metric.Same(threshold()), "kl-coefficient", new Metric.Same(coefficient()),
        "reward-velocity-control", new Metric.Same(velocity.out()));
  }

  @Override public boolean equals(Object other) {
    return other instanceof SafeControl that && kl == that.kl && slowKl == that.slowKl && gate == that.gate
        && velocity.equals(that.velocity) && Arrays.equals(rewards, that.rewards) && klThreshold == that.klThreshold;
  }

  @Override public int hashCode() {
    return Arrays.hashCode(rewards) * 31 + Double.hashCode(kl);
  }
}
