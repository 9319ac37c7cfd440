package io.ballast.objective;

/** Names of the optional columns of a {@link TokenBatch}, as {@code probe} and {@code methods --json} spell them. */
public final class Column {
  private Column() {}

  /** log μ of the token under the policy that sampled it. */
  public static final String BEHAVIOUR_LOGP = "behaviourLogp";
  /** log π_ref of the token under the reference policy. */
  public static final String REF_LOGP = "refLogp";
  /** Entropy of the current policy's distribution at the token, nats. */
  public static final String ENTROPY = "entropy";
  /** Entropy of the proximal policy's distribution at the token, nats. */
  public static final String OLD_ENTROPY = "oldEntropy";
  /** The critic's value before the token. */
  public static final String VALUE = "value";
  /** Number of the turn the token belongs to. */
  public static final String TURN = "turn";
  /** Number of the sentence the token belongs to. */
  public static final String SENTENCE = "sentence";
}
