package io.ballast.control;

import io.ballast.objective.Check;

/**
 * When and how far the reference policy follows the trained one.
 *
 * <pre>   θ_ref ← (1 − a) θ_ref + a θ      with every tau-th optimizer step, for every parameter</pre>
 *
 * {@code a} is the weight of the trained policy: 1 copies it, 0 leaves the reference bit for bit as it was, and tau = 1 with a
 * small a is the usual moving average. After n moves towards a fixed θ the gap has shrunk by (1 − a)^n. Reference log-probabilities
 * stored with replayed data are stale after each move: {@link #movesBy} counts the moves, so that a stored version can be compared.
 *
 * @param a weight of the trained policy, in [0, 1]
 * @param tau optimizer steps between moves
 * @param beforeUpdate whether θ are the weights before that step's update (Humanline) rather than after it (TR-DPO)
 * @see <a href="https://arxiv.org/abs/2404.09656">Learn Your Reference Model (TR-DPO)</a>; TRL's SyncRefModelCallback
 * @see <a href="https://arxiv.org/abs/2509.24207">Humanline</a>, there called syncing
 */
public record MovingReference(double a, int tau, boolean beforeUpdate) implements Following {
  /** TRL's defaults, Table 1 of the paper. */
  public static final MovingReference PUBLISHED = new MovingReference(0.6, 512, false);

  /** A reference that becomes, with every step, the policy which that step starts from: ContextualAI/HALOs. */
  public static final MovingReference HUMANLINE = new MovingReference(1, 1, true);

  public MovingReference {
    Check.within("a", a, 0, 1);
    Check.atLeast("tau", tau, 1);
  }

  /** Whether the reference moves with optimizer step {@code step}, counted from 1. */
  public boolean dueAfter(long step) {
    return step > 0 && step % tau == 0;
  }

  /** How often the reference has moved once {@code step} optimizer steps are done. */
  public long movesBy(long step) {
    return Math.max(0, step) / tau;
  }

  @Override public double share(long step) {
    return dueAfter(step) ? a : 0;
  }
}
