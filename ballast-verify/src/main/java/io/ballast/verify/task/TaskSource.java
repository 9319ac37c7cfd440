package io.ballast.verify.task;

import io.ballast.verify.Task;
import java.util.List;

/** Tasks by number. The same number always gives the same task, so a cursor is all a checkpoint needs. */
public interface TaskSource {
  /** How many there are; {@link Long#MAX_VALUE} for a source that never runs out. */
  long size();

  /** @param index from 0 up to, not including, {@link #size()} */
  Task at(long index);

  /** The tasks of a list, in its order. */
  static TaskSource of(List<Task> tasks) {
    return ProceduralSource.listed(tasks);
  }
}
