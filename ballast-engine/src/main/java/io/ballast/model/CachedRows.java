package io.ballast.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * T tokens of any sequences whose earlier keys and values are in a cache of numbered places.
 *
 * @param ids [T]
 * @param positions [T] each within its sequence
 * @param places [T] where each token's key and value are written, no place twice
 * @param wanted rows whose logits are asked for
 * @param spans every row once
 * @param routes [layers][T · k] ids of the experts to follow, −1 where the router decides; null where it decides everywhere
 */
public record CachedRows(long[] ids, long[] positions, long[] places, long[] wanted, List<Span> spans, long @Nullable [][] routes) {

  /**
   * Sequences with the same number of rows in the pass, computed as one batch.
   *
   * @param rows [sequences · n] numbers of the rows, n consecutive ones of each sequence
   * @param keys [sequences · length] places of each sequence's positions 0 … length − 1; beyond its end any place that has been written
   */
  public record Span(int sequences, int length, long[] rows, long[] keys) {}

  /** As the layers take them: T rows of one place. */
  MicroBatch batch() {
    return new MicroBatch(0, ids.length, 1, ids, wanted, new long[0], new int[0], null, routes);
  }
}
