package io.ballast.sample;

import io.ballast.model.Routes;
import org.jspecify.annotations.Nullable;

/**
 * What one sample wrote in one call.
 *
 * @param request index of its {@link Request} in the call
 * @param sample its number within the prompt, {@link Request#firstSample} and up
 * @param tokens the new tokens: without the prompt and without what the request had begun; a stop token is part of them
 * @param logp of each new token, nats: ln softmax(logits / temperature) before any cut; temperature 1 where greedy
 * @param entropy of the distribution each was drawn from, nats, before any cut
 * @param routes experts of every position whose token was fed to a mixture of experts: prompt, what was begun and all new tokens but
 *     the last; null for dense models and where nothing was written
 */
public record Completion(int request, int sample, int[] tokens, float[] logp, float[] entropy, Finish finish, @Nullable Routes routes) {
  public Completion {
    if (tokens.length != logp.length || tokens.length != entropy.length) {
      throw new IllegalArgumentException("%d tokens but %d log-probabilities and %d entropies".formatted(tokens.length, logp.length, entropy.length));
    }
  }
}
