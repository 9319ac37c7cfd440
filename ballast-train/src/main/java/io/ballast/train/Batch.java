package io.ballast.train;

import java.util.List;

/**
 * What was sampled together and is trained on together: complete groups, all answers of a prompt side by side.
 *
 * @param number counted from 0 over the run
 * @param dropped groups sampled for this batch and left out by dynamic sampling
 * @param trajectories in the order of their groups and samples
 */
public record Batch(long number, int dropped, List<Trajectory> trajectories) {
  public Batch {
    trajectories = List.copyOf(trajectories);
  }

  public int tokens() {
    return trajectories.stream().mapToInt(Trajectory::length).sum();
  }
}
