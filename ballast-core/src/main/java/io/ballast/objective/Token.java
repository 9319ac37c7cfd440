package io.ballast.objective;

/**
 * One token's term, as a {@link Kernel} sees it: what is given, and what it answers. One object serves a whole evaluation, so that
 * a kernel allocates nothing per token; that is why the fields are open.
 */
public final class Token {
  /** Given: place in the batch. */
  public int index;
  /** Given: its sequence. */
  public int sequence;
  /** Given: log π_θ. */
  public double logp;
  /** Given: log-ratio at the level of the method (a penalty always sees the token's own). */
  public double logRatio;
  /** Given: exp(logRatio). */
  public double ratio;
  /** Given: A_t. */
  public double advantage;

  /** Answer: J_t, this token's contribution to what is maximised. */
  public double value;
  /** Answer: ∂J_t/∂ln x_t, or dJ_t/dlogp_t where the term detaches its ratio ({@link Term#throughRatio}). */
  public double slope;
  /** Answer: dJ_t/dH_t, for terms that read the entropy ({@link Term#differentiatesEntropy}). */
  public double entropySlope;
  /** Answer: whether the trust region cut this token off or changed its weight. */
  public boolean clipped;

  /** Answers with value, slope and whether the token was clipped. */
  public void answer(double value, double slope, boolean clipped) {
    this.value = value;
    this.slope = slope;
    this.clipped = clipped;
  }

  /** Multiplies value and slopes. */
  void scale(double factor) {
    value *= factor;
    slope *= factor;
    entropySlope *= factor;
  }
}
