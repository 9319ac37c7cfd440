package io.ballast.verify.task;

import io.ballast.verify.Task;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;

/** Tasks drawn without end from a generator, on one side of the split. */
final class ProceduralSource {
  private static final int PATIENCE = 100_000;

  private ProceduralSource() {}

  /** Task i is the first draw under key i that is not held out. */
  static TaskSource training(long seed, Function<Draw, Task> generator) {
    return new TaskSource() {
      @Override public long size() {
        return Long.MAX_VALUE;
      }

      @Override public Task at(long index) {
        if (index < 0) throw new IndexOutOfBoundsException("task %d: the first is 0".formatted(index));
        var draw = new Draw(seed, index);
        for (int attempt = 0; attempt < PATIENCE; attempt++) {
          var task = generator.apply(draw);
          if (!Split.heldOut(task.id())) return task;
        }
        throw new IllegalStateException("no training task in %d draws: all problems of these settings are held out".formatted(PATIENCE));
      }
    };
  }

  /** Up to {@code count} different held-out tasks; fewer where the settings allow fewer. */
  static TaskSource heldOut(long seed, int count, Function<Draw, Task> generator) {
    var draw = new Draw(seed, -1);
    var seen = new HashSet<String>();
    var tasks = new ArrayList<Task>();
    for (int misses = 0; tasks.size() < count && misses < PATIENCE; misses++) {
      var task = generator.apply(draw);
      if (Split.heldOut(task.id()) && seen.add(task.prompt())) {
        tasks.add(task);
        misses = 0;
      }
    }
    return listed(tasks);
  }

  static TaskSource listed(List<Task> tasks) {
    var frozen = List.copyOf(tasks);
    return new TaskSource() {
      @Override public long size() {
        return frozen.size();
      }

      @Override public Task at(long index) {
        if (index < 0 || index >= frozen.size()) {
          throw new IndexOutOfBoundsException("task %d of %d: numbers run from 0".formatted(index, frozen.size()));
        }
        return frozen.get((int) index);
      }
    };
  }
}
