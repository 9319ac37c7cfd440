package io.ballast.sample;

/**
 * What one sample wrote in one call.
 *
 * @param request index of its {@link Request} in the call
 * @param sample its number within the prompt, {@link Request#firstSample} and up
 * @param tokens the new tokens: without the prompt and without what the request had begun; a stop token is part of them
 * @param logp of each new token, nats: ln softmax(logits / temperature) before any cut; temperature 1 where greedy
 */
public record Completion(int request, int sample, int[] tokens, float[] logp, Finish finish) {
  public Completion {
    if (tokens.length != logp.length) {
      throw new IllegalArgumentException("%d tokens but %d log-probabilities".formatted(tokens.length, logp.length));
    }
  }
}
