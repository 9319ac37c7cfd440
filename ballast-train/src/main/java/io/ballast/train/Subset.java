package io.ballast.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Some answers of a batch, and where their tokens stand in its columns.
 *
 * @param trajectories in the order of the batch
 * @param tokens place of each of their tokens in a column of the batch
 */
record Subset(List<Trajectory> trajectories, int[] tokens) {

  /** A batch cut into the answers that have the same key, keys in the order they first appear. */
  static <K> Map<K, Subset> by(List<Trajectory> batch, Function<Trajectory, K> key) {
    Map<K, List<Trajectory>> members = new LinkedHashMap<>();
    Map<K, int[]> places = new LinkedHashMap<>();
    int at = 0;
    for (Trajectory t : batch) {
      K k = key.apply(t);
      members.computeIfAbsent(k, _ -> new ArrayList<>()).add(t);
      int[] known = places.getOrDefault(k, new int[0]), more = Arrays.copyOf(known, known.length + t.length());
      for (int i = known.length; i < more.length; i++) more[i] = at++;
      places.put(k, more);
    }
    Map<K, Subset> subsets = new LinkedHashMap<>();
    members.forEach((k, some) -> subsets.put(k, new Subset(some, places.get(k))));
    return subsets;
  }

  /** Their stretch of a column of the batch. */
  double[] of(double[] column) {
    return Arrays.stream(tokens).mapToDouble(t -> column[t]).toArray();
  }

  /** Puts their values into a column of the batch. */
  void into(double[] column, double[] values) {
    for (int i = 0; i < tokens.length; i++) column[tokens[i]] = values[i];
  }
}
