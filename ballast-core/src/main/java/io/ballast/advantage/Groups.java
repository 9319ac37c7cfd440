package io.ballast.advantage;

import java.util.HashMap;
import java.util.Map;

/**
 * Statistics of a number per sample, group by group. A group whose values are all equal has exactly that value as mean and exactly 0
 * as deviation, so that no rounding is blown up by a division.
 */
public final class Groups {
  private final int[] of;
  private final int[] size;

  private Groups(int[] of, int[] size) {
    this.of = of;
    this.size = size;
  }

  /** The groups of these samples, numbered from 0 in order of appearance. */
  public static Groups of(Rewards rewards) {
    Map<Integer, Integer> number = new HashMap<>();
    int[] of = new int[rewards.samples()];
    for (int s = 0; s < of.length; s++) of[s] = number.computeIfAbsent(rewards.group()[s], g -> number.size());
    int[] size = new int[number.size()];
    for (int g : of) size[g]++;
    return new Groups(of, size);
  }

  public int count() {
    return size.length;
  }

  /** The group of sample s, from 0. */
  public int of(int s) {
    return of[s];
  }

  public int size(int g) {
    return size[g];
  }

  /** Mean of each group. */
  public double[] mean(double[] values) {
    double[] first = new double[count()], mean = new double[count()];
    boolean[] seen = new boolean[count()];
    for (int s = 0; s < of.length; s++) {
      int g = of[s];
      if (!seen[g]) first[g] = values[s];
      seen[g] = true;
      mean[g] += values[s] - first[g]; // offsets from the first value: equal values give it back exactly
    }
    for (int g = 0; g < mean.length; g++) mean[g] = first[g] + mean[g] / size[g];
    return mean;
  }

  /** Standard deviation of each group, dividing by n − ddof; 0 for a group of ddof samples or fewer. */
  public double[] deviation(double[] values, int ddof) {
    double[] mean = mean(values), squares = new double[count()];
    for (int s = 0; s < of.length; s++) {
      double d = values[s] - mean[of[s]];
      squares[of[s]] += d * d;
    }
    for (int g = 0; g < squares.length; g++) squares[g] = size[g] > ddof ? Math.sqrt(squares[g] / (size[g] - ddof)) : 0;
    return squares;
  }
}
