package io.ballast.control;

/**
 * How a kept copy θ̄ of the policy follows the trained weights θ: a function of the optimizer step alone, so that a checkpoint saves the
 * copy's weights and nothing else.
 *
 * <pre>   θ̄ ← θ̄ + share(n) (θ − θ̄)      with optimizer step n, for every parameter</pre>
 */
@FunctionalInterface
public interface Following {
  /** Stays as it is. */
  Following FROZEN = _ -> 0;

  /**
   * Weight of the trained policy, in [0, 1]: 0 leaves the copy bit for bit as it is, 1 makes it the trained policy.
   *
   * @param step optimizer step, counted from 1
   */
  double share(long step);

  /** Whether θ are the weights that the step starts from rather than those it leaves. */
  default boolean beforeUpdate() {
    return false;
  }
}
