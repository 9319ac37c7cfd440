package io.ballast.train;

import io.ballast.model.Routes;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One sampled answer with everything training needs to know about it. Token arrays have one entry per sampled token, the stop token
 * included; what the sampler recorded never changes afterwards.
 *
 * @param group number of the prompt visit this answer belongs to, unique in the run
 * @param sample number of the answer within its group
 * @param task stable number of the prompt within its source
 * @param promptTokens ids given to the policy; never trained on
 * @param tokens [n] ids sampled
 * @param behaviourLogp [n] log-probability of each token under the policy that sampled it, nats
 * @param version [n] number of optimizer updates behind the policy that sampled each token
 * @param stopped whether the policy ended the answer itself rather than the length limit
 * @param verdict label of the verifier's verdict
 * @param reward scalar reward the advantages are estimated from
 * @param parts named parts of the reward, {@code correct} among them
 * @param recorded columns of the sampling policy beyond the log-probability, [n] or [n · k] each, by column name; empty for most methods
 * @param routes experts the sampler sent prompt and answer to, for training to follow; null for dense models and without routing replay
 * @param estimate what was computed when the batch was first trained on; null before
 */
public record Trajectory(
    long group,
    int sample,
    long task,
    String prompt,
    String gold,
    String answer,
    int[] promptTokens,
    int[] tokens,
    float[] behaviourLogp,
    int[] version,
    boolean stopped,
    String verdict,
    String extracted,
    String reason,
    double reward,
    Map<String, Double> parts,
    Map<String, double[]> recorded,
    @Nullable Routes routes,
    @Nullable Estimate estimate) {

  /**
   * @param advantage [n]
   * @param proximalLogp [n] under the policy at the start of this batch's updates; null where the method does not need it
   */
  public record Estimate(double[] advantage, double @Nullable [] proximalLogp) {}

  public Trajectory {
    if (tokens.length != behaviourLogp.length || tokens.length != version.length) {
      throw new IllegalArgumentException("group %d, sample %d: %d tokens, %d log-probabilities, %d versions; there must be one of each per token"
          .formatted(group, sample, tokens.length, behaviourLogp.length, version.length));
    }
    parts = Collections.unmodifiableMap(new TreeMap<>(parts));
    recorded = Map.copyOf(recorded);
  }

  public int length() {
    return tokens.length;
  }

  /** Share of right in the verdict, before any shaping of the reward. */
  public double correct() {
    return parts.getOrDefault(CORRECT, reward);
  }

  public int oldestVersion() {
    return Arrays.stream(version).min().orElse(0);
  }

  public Trajectory with(Estimate value) {
    return new Trajectory(group, sample, task, prompt, gold, answer, promptTokens, tokens, behaviourLogp, version, stopped, verdict, extracted,
        reason, reward, parts, recorded, routes, value);
  }

  /** This answer with columns recorded under the policy that sampled it. */
  public Trajectory recording(Map<String, double[]> columns) {
    return new Trajectory(group, sample, task, prompt, gold, answer, promptTokens, tokens, behaviourLogp, version, stopped, verdict, extracted,
        reason, reward, parts, columns, routes, estimate);
  }

  /** Whether the answer still grows. */
  boolean unfinished() {
    return verdict.equals(UNFINISHED);
  }

  /** Verdict of an answer that is written by more than one policy version and not complete yet. */
  static final String UNFINISHED = "unfinished";

  /** Name of the reward part that holds the verifier's score. */
  public static final String CORRECT = "correct";
}
