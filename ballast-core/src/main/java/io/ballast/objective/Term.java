package io.ballast.objective;

/**
 * A term of the per-token objective J_t: a trust region around a ratio, or a penalty. A new method is most often one of these: a
 * record that checks its numbers and a kernel of a few lines.
 */
public interface Term extends Part<Term> {

  /** The kernel for this batch; columns are looked up here, once. */
  Kernel on(TokenBatch batch);

  /**
   * Whether the slope goes through the ratio (and so back through the {@link RatioLevel}). False where the ratio is a detached
   * weight and the gradient goes through the token's own logp.
   */
  default boolean throughRatio() {
    return true;
  }

  /** Whether the kernel reads {@link Token#ratio}; where no term does, no exponential is taken. */
  default boolean readsRatio() {
    return true;
  }

  /** Whether {@link Token#clipped} means something, so that {@code clipped-fraction} is reported. */
  default boolean clips() {
    return false;
  }

  /** Whether the kernel answers {@link Token#entropySlope}. */
  default boolean differentiatesEntropy() {
    return false;
  }

  /** Whether the term solves on each micro-batch by its source's definition, so that splitting a step changes the result. */
  default boolean local() {
    return false;
  }
}
