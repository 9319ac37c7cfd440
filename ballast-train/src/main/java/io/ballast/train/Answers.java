package io.ballast.train;

import io.ballast.verify.Task;
import java.util.List;

/** Where answers come from. */
interface Answers {

  /**
   * One group of checked answers per prompt, groups and samples in order.
   *
   * @param firstVisit number of the first prompt's visit in the run: it keys the random numbers
   * @param version policy version stamped on every token
   */
  List<Trajectory> sample(List<Task> tasks, long firstVisit, int version);
}
