package io.ballast.train;

import io.ballast.verify.Task;
import io.ballast.verify.task.TaskSource;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The prompts of a run in the order they are visited: drawn at random from an endless source, a finite one reshuffled every epoch. The
 * cursor is all the state there is.
 */
final class Prompts {
  private static final int LARGEST_SHUFFLED = 50_000_000;
  private final TaskSource source;
  private final long seed;
  private long shuffledEpoch = -1;
  private int[] order = {};

  Prompts(TaskSource source, long seed) {
    if (source.size() < 1) throw new IllegalArgumentException("the training data is empty; at least one prompt is needed");
    this.source = source;
    this.seed = seed;
  }

  /** The prompt of visit number {@code cursor}. */
  Task at(long cursor) {
    if (source.size() > LARGEST_SHUFFLED) return source.at(Math.floorMod(Mixing.bits(seed, cursor, 2), source.size()));
    int size = (int) source.size();
    long epoch = cursor / size;
    if (epoch != shuffledEpoch) {
      order = Mixing.permutation(size, seed, epoch, 0);
      shuffledEpoch = epoch;
    }
    return source.at(order[(int) (cursor % size)]);
  }

  List<Task> range(long cursor, int count) {
    return LongStream.range(cursor, cursor + count).mapToObj(this::at).toList();
  }
}
