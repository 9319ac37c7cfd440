package io.ballast.objective;

/** Names of the optional columns of a {@link TokenBatch}, as {@code probe} and {@code methods --json} spell them. */
public final class Column {
  private Column() {}

  /** log π_θ of the token: a field of its own in a batch, a column only for advantage estimators. */
  public static final String LOGP = "logp";
  /** log-probability under the proximal policy: a field of its own in a batch, a column only for advantage estimators. */
  public static final String OLD_LOGP = "oldLogp";
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
  /** The sequence's reward, the same number for each of its tokens. */
  public static final String REWARD = "reward";
  /** Return of the token: what a critic is trained towards. */
  public static final String RETURNS = "returns";
  /** The critic's value before the token when the samples were taken. */
  public static final String OLD_VALUE = "oldValue";
  /** A second critic's value. */
  public static final String SECOND_VALUE = "secondValue";
  /** A critic's estimate of the median return. */
  public static final String MEDIAN = "median";
  /** KL(π_θ ‖ π_old) of the whole distribution at the token. */
  public static final String KL_OLD = "klOld";
  /** log π_old of the token at a higher temperature, and at a lower one. */
  public static final String HOT_OLD_LOGP = "hotOldLogp", COLD_OLD_LOGP = "coldOldLogp";
  /** log-softmax of φ · reference logits at the token, φ the sequence's power. */
  public static final String TILTED_REF_LOGP = "tiltedRefLogp";
  /** log-probability of the token under a teacher, and under a second, worse one. */
  public static final String TEACHER_LOGP = "teacherLogp", WEAK_TEACHER_LOGP = "weakTeacherLogp";
  /** [T · k] the sampler's log-probabilities of its own k likeliest tokens. */
  public static final String BEHAVIOUR_TOP_LOGP = "behaviourTopLogp";
  /** [T · k] log π_θ of those same tokens. */
  public static final String LOGP_AT_BEHAVIOUR_TOP = "logpAtBehaviourTop";
  /** [T · k] log π_θ of its own k likeliest tokens. */
  public static final String TOP_LOGP = "topLogp";
  /** [T · k] ids of those tokens. */
  public static final String TOP_TOKEN = "topToken";
  /** Id of the sampled token. */
  public static final String TOKEN = "token";
  /** [T · d] the hidden state that the output layer reads. */
  public static final String HIDDEN = "hidden";
  /** log-probability of the token under the weights that sampled it, computed by the training engine. */
  public static final String SAMPLING_LOGP = "trainLogpAtBehaviourVersion";
  /** log-probability of the token under the moving average of the trained weights. */
  public static final String EWMA_LOGP = "ewmaLogp";
  /** 1 on the tokens of expert demonstrations, 0 on the policy's own. */
  public static final String EXPERT = "expert";
  /** The reward of the token's turn, the same number for each of its tokens. */
  public static final String TURN_REWARD = "turnReward";
  /** Of a denoising step: |μ_θ − μ_old|² averaged over latent dimensions, σ, and the positive step Δt. */
  public static final String MEAN_SHIFT_SQUARED = "meanShiftSquared", NOISE_SCALE = "noiseScale", STEP_SIZE = "stepSize";
  /** Versions between the current weights and those that sampled the token. */
  public static final String STALENESS = "staleness";
  /** Reward of the greedy answer to the same prompt, the same for all tokens of a sample. */
  public static final String GREEDY_REWARD = "greedyReward";
}
