package io.ballast.sample;

import org.jspecify.annotations.Nullable;

/** A prompt whose keys and values, computed once, all its samples share. */
final class PromptGroup {
  private final int index;
  private final Request request;
  private KvCache.@Nullable Block block;
  private int cached;
  private float @Nullable [] logits;
  private int started;
  private int ended;

  PromptGroup(int index, Request request) {
    this.index = index;
    this.request = request;
  }

  int index() {
    return index;
  }

  Request request() {
    return request;
  }

  /** The prompt's keys and values, memory taken at the first call. */
  KvCache.Block block(KvCache cache) {
    if (block == null) block = cache.take(null, 0, request.prompt().length);
    return block;
  }

  boolean open() {
    return block != null;
  }

  /** Index of the next sample to start. */
  int start() {
    return started++;
  }

  boolean allStarted() {
    return started == request.samples();
  }


  /** Counts a sample as done; after the last one the prompt's memory is given back. */
  void end(KvCache cache) {
    if (++ended < request.samples()) return;
    cache.give(block);
    block = null;
    logits = null;
  }

  /** Puts prompt tokens the cache lacks into the pass, at most {@code limit}; returns the slot of the last one's logits or −1. */
  int feed(Rows rows, int limit) {
    int[] prompt = request.prompt();
    int slot = -1;
    for (int fed = 0; fed < limit && cached < prompt.length; fed++, cached++) {
      slot = rows.add(prompt[cached], cached, block, cached + 1 == prompt.length);
    }
    return slot;
  }

  /** Whether the whole prompt has been fed. */
  boolean fed() {
    return cached == request.prompt().length;
  }

  void logits(float[] from, int at, int vocabulary) {
    logits = java.util.Arrays.copyOfRange(from, at, at + vocabulary);
  }

  /** Logits after the prompt's last token, null until computed. */
  float @Nullable [] logits() {
    return logits;
  }
}
