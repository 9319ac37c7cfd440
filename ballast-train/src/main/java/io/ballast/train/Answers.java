package io.ballast.train;

import io.ballast.verify.Task;
import java.util.List;

/** Where answers come from. */
interface Answers {

  /**
   * Writes answers up to a share of the length limit: new ones, or those begun by earlier policy versions. Answers that are finished come back
   * checked, the others with {@link Trajectory#UNFINISHED} for a verdict.
   *
   * @param firstVisit number of the first prompt's visit in the run: it keys the random numbers
   * @param version policy version stamped on every token written now
   * @param begun what an earlier call for the same prompts returned; empty at the beginning
   * @param share of the length limit, in (0, 1]
   * @return one group per prompt, groups and samples in order
   */
  List<Trajectory> write(List<Task> tasks, long firstVisit, int version, List<Trajectory> begun, double share);

  /** One group of checked answers per prompt, each written by one policy version. */
  default List<Trajectory> sample(List<Task> tasks, long firstVisit, int version) {
    return write(tasks, firstVisit, version, List.of(), 1);
  }
}
