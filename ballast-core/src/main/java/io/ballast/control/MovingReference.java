package io.ballast.control;

import io.ballast.objective.Check;

/**
 * When and how far the reference policy follows the trained one.
 *
 * <pre>   θ_ref ← (1 − a) θ_ref + a θ      after every tau-th optimizer step, for every parameter</pre>
 *
 * {@code a} is the weight of the trained policy: 1 copies it, 0 leaves the reference bit for bit as it was, and tau = 1 with a
 * small a is the usual moving average. After n moves towards a fixed θ the gap has shrunk by (1 − a)^n. Reference log-probabilities
 * stored with replayed data are stale after each move: {@link #movesBy} counts the moves, so that a stored version can be compared.
 *
 * @param a weight of the trained policy, in [0, 1]
 * @param tau optimizer steps between moves
 * @see <a href="https://arxiv.org/abs/2404.09656">Learn Your Reference Model (TR-DPO)</a>; TRL's SyncRefModelCallback
 */
public record MovingReference(double a, int tau) {
  /** TRL's defaults, Table 1 of the paper. */
  public static final MovingReference PUBLISHED = new MovingReference(0.6, 512);

  public MovingReference {
    Check.within("a", a, 0, 1);
    Check.atLeast("tau", tau, 1);
  }

  /** Whether the reference moves at the end of optimizer step {@code step}, counted from 1. */
  public boolean dueAfter(long step) {
    return step > 0 && step % tau == 0;
  }

  /** How often the reference has moved once {@code step} optimizer steps are done. */
  public long movesBy(long step) {
    return Math.max(0, step) / tau;
  }

  /** One parameter of the reference after a move. */
  public double blend(double reference, double trained) {
    return a == 0 ? reference : a == 1 ? trained : (1 - a) * reference + a * trained;
  }
}
