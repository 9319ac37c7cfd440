package io.ballast.sample;

import java.util.List;

/**
 * Answers wanted to one prompt.
 *
 * @param key identity of the prompt for the random numbers: the same key, sample and position always get the same number
 * @param prompt token ids, at least one
 * @param samples how many answers
 * @param firstSample number of the first of them
 * @param maxNew longest answer in tokens, what is begun included
 * @param begun what samples interrupted earlier have written so far, one array per sample, empty where nothing; an empty list: all new
 */
public record Request(long key, int[] prompt, int samples, int firstSample, int maxNew, List<int[]> begun) {
  public Request {
    if (prompt.length == 0) throw new IllegalArgumentException("prompt must have at least one token");
    if (samples < 1) throw new IllegalArgumentException("samples must be at least 1, got " + samples);
    if (firstSample < 0) throw new IllegalArgumentException("firstSample must be at least 0, got " + firstSample);
    if (maxNew < 1) throw new IllegalArgumentException("maxNew must be at least 1, got " + maxNew);
    if (!begun.isEmpty() && begun.size() != samples) {
      throw new IllegalArgumentException("begun must be empty or hold one array per sample (%d), got %d".formatted(samples, begun.size()));
    }
    for (int i = 0; i < begun.size(); i++) {
      if (begun.get(i).length >= maxNew) {
        throw new IllegalArgumentException("sample %d has begun %d tokens, which leaves nothing to write with maxNew %d".formatted(
            firstSample + i, begun.get(i).length, maxNew));
      }
    }
    begun = List.copyOf(begun);
  }

  /** New answers, numbered from 0. */
  public static Request of(long key, int[] prompt, int samples, int maxNew) {
    return new Request(key, prompt, samples, 0, maxNew, List.of());
  }

  int[] begun(int index) {
    return begun.isEmpty() ? new int[0] : begun.get(index);
  }
}
