package io.ballast.sample;

import io.ballast.model.Routes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One sample under way: its tokens, and its part of the cache. */
final class Lane {
  final PromptGroup group;
  final int sample;
  final int[] begun;
  final KvCache.Block block;
  private final int[] written;
  private final float[] logp;
  private final float[] entropy;
  private final int layers;
  private int length;
  private @Nullable Finish finish;
  /** Answer tokens whose keys and values are in the cache. */
  private int cached;

  Lane(PromptGroup group, int index, KvCache.Block block, int layers) {
    this.group = group;
    this.layers = layers;
    this.block = block;
    sample = group.request().firstSample() + index;
    begun = group.request().begun(index);
    written = new int[group.request().maxNew() - begun.length];
    logp = new float[written.length];
    entropy = new float[written.length];
  }

  private int token(int index) {
    return index < begun.length ? begun[index] : written[index - begun.length];
  }

  /** Whether the next token comes straight from the prompt's logits. */
  boolean fresh() {
    return begun.length + length == 0;
  }

  boolean done() {
    return finish != null;
  }

  /** Answer tokens so far, what was begun included: the position of the next one's random number. */
  int answered() {
    return begun.length + length;
  }

  int written() {
    return length;
  }

  /** Puts tokens the cache lacks into the pass, at most {@code limit}; the last one known asks for logits. */
  int feed(Rows rows, int limit) {
    int fed = 0;
    int slot = -1;
    for (; fed < limit && cached < answered(); fed++, cached++) {
      slot = rows.add(token(cached), block.start + cached, block, cached + 1 == answered());
    }
    return slot;
  }

  /** Draws the next token from a row of logits. */
  void draw(TokenSampler sampler, float[] logits, int at, int vocabulary, Sampling sampling) {
    double u = sampling.greedy() ? 0 : Uniforms.uniform(sampling.seed(), group.request().key(), sample, answered());
    sampler.draw(logits, at, vocabulary, sampling, u);
    written[length] = sampler.token();
    logp[length] = sampler.logp();
    entropy[length] = (float) sampler.entropy();
    length++;
    if (sampling.stopTokens().contains(sampler.token())) finish = Finish.STOP;
    else if (length == written.length) finish = Finish.LENGTH;
  }

  Completion completion() {
    return new Completion(group.index(), sample, Arrays.copyOf(written, length), Arrays.copyOf(logp, length),
        Arrays.copyOf(entropy, length), finish == null ? Finish.INTERRUPTED : finish, routes());
  }

  /** Experts of the prompt's positions and of all answer tokens that were fed. */
  private @Nullable Routes routes() {
    int per = block.routesPerPosition;
    if (per == 0 || length == 0) return null;
    short[] experts = Arrays.copyOf(block.before.routes, (block.start + cached) * per);
    System.arraycopy(block.routes, 0, experts, block.start * per, cached * per);
    return new Routes(layers, per / layers, experts);
  }
}
