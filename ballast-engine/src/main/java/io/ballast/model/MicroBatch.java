package io.ballast.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows of similar length, padded at their end to the longest, as one forward pass takes them.
 *
 * @param rows how many
 * @param length positions of every row: as far as its last trained token needs, padding included
 * @param ids [rows · length] input ids, 0 where padded
 * @param positions row · length + t − 1 of every trained token t: the hidden state that predicts it
 * @param targets the trained tokens' ids
 * @param flat where each trained token stands among all of the {@link TokenRows}
 * @param routes [layers][rows · length · k] ids of the experts to follow, −1 where the router decides; null where it decides everywhere
 */
record MicroBatch(int rows, int length, long[] ids, long[] positions, long[] targets, int[] flat, long @Nullable [][] routes) {

  /** Cuts rows, longest first, into batches of at most {@code budget} positions; rows without a wanted token are left out. */
  static List<MicroBatch> plan(TokenRows rows, boolean[] wanted, int budget) {
    int count = rows.tokens().length;
    int[] length = new int[count];
    int[] first = new int[count];
    int flat = 0;
    for (int r = 0; r < count; r++) {
      first[r] = flat;
      for (int t = 1; t < rows.tokens()[r].length; t++) {
        if (rows.trained()[r][t] && wanted[flat++]) length[r] = t;
      }
    }
    Integer[] order = new Integer[count];
    Arrays.setAll(order, r -> r);
    Arrays.sort(order, Comparator.comparingInt((Integer r) -> -length[r]));
    List<MicroBatch> plan = new ArrayList<>();
    for (int from = 0; from < count && length[order[from]] > 0; ) {
      int size = 1;
      while (from + size < count && length[order[from + size]] > 0 && (long) (size + 1) * length[order[from]] <= budget) size++;
      plan.add(of(rows, wanted, Arrays.copyOfRange(order, from, from + size), length[order[from]], first));
      from += size;
    }
    return plan;
  }

  private static MicroBatch of(TokenRows rows, boolean[] wanted, Integer[] members, int length, int[] first) {
    long[] ids = new long[members.length * length];
    List<long[]> found = new ArrayList<>();
    for (int i = 0; i < members.length; i++) {
      int[] tokens = rows.tokens()[members[i]];
      boolean[] trained = rows.trained()[members[i]];
      for (int t = 0; t < Math.min(length, tokens.length); t++) ids[i * length + t] = tokens[t];
      int flat = first[members[i]];
      for (int t = 1; t < tokens.length; t++) {
        if (!trained[t]) continue;
        if (wanted[flat]) found.add(new long[] {(long) i * length + t - 1, tokens[t], flat});
        flat++;
      }
    }
    return new MicroBatch(members.length, length, ids, found.stream().mapToLong(f -> f[0]).toArray(),
        found.stream().mapToLong(f -> f[1]).toArray(), found.stream().mapToInt(f -> (int) f[2]).toArray(), routes(rows.routes(), members, length));
  }

  private static long @Nullable [][] routes(@Nullable Routes @Nullable [] all, Integer[] members, int length) {
    if (all == null) return null;
    Routes any = Arrays.stream(members).map(m -> all[m]).filter(Objects::nonNull).findFirst().orElse(null);
    if (any == null) return null;
    int k = any.active();
    long[][] routes = new long[any.layers()][members.length * length * k];
    for (int layer = 0; layer < routes.length; layer++) {
      Arrays.fill(routes[layer], -1);
      for (int i = 0; i < members.length; i++) {
        Routes row = all[members[i]];
        int known = row == null ? 0 : Math.min(length, row.positions());
        for (int t = 0; t < known; t++) row.copy(t, layer, routes[layer], (i * length + t) * k);
      }
    }
    return routes;
  }
}
