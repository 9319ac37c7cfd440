package io.ballast.train;

import io.ballast.objective.Check;

/**
 * Which batch is sampled by which policy version, and which update trains on which part of which batch. Version v is the policy after v
 * optimizer updates.
 *
 * <p>A batch feeds {@code updatesPerBatch · epochs} updates. Batch m starts training at version m·U and is sampled at the
 * latest batch boundary that is at least {@code staleness} versions earlier, or at version 0: so training on a batch begins with data at most
 * {@code staleness} versions old, exactly that old wherever {@code staleness} is a multiple of U and the run is past its start.
 *
 * @param steps optimizer updates of the run
 * @param updatesPerBatch parts a batch is split into, an update each
 * @param epochs times a batch is gone through
 * @param staleness versions the sampler runs ahead of the learner
 */
public record Schedule(int steps, int updatesPerBatch, int epochs, int staleness) {
  public Schedule {
    Check.atLeast("schedule.steps", steps, 0);
    Check.atLeast("schedule.updates-per-batch", updatesPerBatch, 1);
    Check.atLeast("schedule.epochs", epochs, 1);
    Check.atLeast("off-policy.staleness", staleness, 0);
  }

  /** U: updates every batch feeds. */
  public int updates() {
    return updatesPerBatch * epochs;
  }

  /** Batches the sampler is ahead. */
  public int ahead() {
    return staleness / updates();
  }

  /** Number of batches a run of these steps needs. */
  public long batches() {
    return (steps + updates() - 1L) / updates();
  }

  /** The batch that the update from version to version + 1 trains on. */
  public long batchAt(int version) {
    return version / updates();
  }

  /** Whether the update from this version is the first one of its batch. */
  public boolean opensBatch(int version) {
    return version % updates() == 0;
  }

  public int epochAt(int version) {
    return version % updates() / updatesPerBatch;
  }

  public int partAt(int version) {
    return version % updatesPerBatch;
  }

  /** The version at which the sampling of a batch begins: the earliest the bound allows. */
  public int begunAt(long batch) {
    return Math.toIntExact(Math.max(0, batch - ahead()) * updates());
  }

  /**
   * Share of the length limit that the answers of a batch may have once a version has written, where they are spread over all versions from the
   * one that begins them to the last before training on them: (version − begun + 1) / (due − begun). Complete before they are due, therefore.
   */
  public double writtenBy(long batch, int version) {
    int begun = begunAt(batch), due = Math.toIntExact(batch * updates());
    return due == begun ? 1 : Math.min(1, (version - begun + 1.0) / (due - begun));
  }

  /** Batches that must have been sampled before the update from this version: [0, result). */
  public long sampledBy(int version) {
    return Math.min(batches(), batchAt(version) + ahead() + 1);
  }
}
