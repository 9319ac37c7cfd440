package io.ballast.sample;

/** Told after every decoding step how far a generation is. */
@FunctionalInterface
public interface ProgressListener {
  /**
   * @param tokens sampled so far
   * @param finished samples done
   * @param samples samples asked for
   * @return false to end the generation now: what is unfinished comes back as {@link Finish#INTERRUPTED}
   */
  boolean progress(long tokens, int finished, int samples);
}
