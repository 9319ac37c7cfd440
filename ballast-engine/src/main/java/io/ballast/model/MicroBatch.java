package io.ballast.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows of similar length, padded at their end to the longest, as one forward pass takes them.
 *
 * @param number of this one among the micro-batches of the pass, from 0
 * @param rows how many
 * @param length positions of every row: as far as its last trained token needs, padding included
 * @param ids [rows · length] input ids, 0 where padded
 * @param positions row · length + t − 1 of every trained token t: the hidden state that predicts it
 * @param targets the trained tokens' ids
 * @param flat where each trained token stands among all of the {@link TokenRows}
 * @param routes [layers][rows · length · k] ids of the experts to follow, −1 where the router decides; null where it decides everywhere
 */
record MicroBatch(int number, int rows, int length, long[] ids, long[] positions, long[] targets, int[] flat, long @Nullable [][] routes) {

  /**
   * Cuts rows, longest first, into batches of about the same size and at most {@code budget} positions; rows without a wanted token are
   * left out.
   *
   * @param threads the number of batches is a multiple of this where there are rows enough, so that no thread waits for the last one
   */
  static List<MicroBatch> plan(TokenRows rows, boolean[] wanted, int budget, int threads) {
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
    Integer[] order = IntStream.range(0, count).filter(r -> length[r] > 0).boxed()
        .sorted(Comparator.comparingInt((Integer r) -> -length[r])).toArray(Integer[]::new);
    long left = Arrays.stream(order).mapToLong(r -> length[r]).sum();
    int batches = (int) ((left + (long) budget * threads - 1) / ((long) budget * threads)) * threads;
    List<MicroBatch> plan = new ArrayList<>();
    for (int from = 0; from < order.length; ) {
      int longest = length[order[from]], size = 0;
      long share = (left + Math.max(1, batches - plan.size()) - 1) / Math.max(1, batches - plan.size()), taken = 0;
      do {
        taken += length[order[from + size++]];
      } while (from + size < order.length && taken < share && (long) (size + 1) * longest <= budget);
      plan.add(of(plan.size(), rows, wanted, Arrays.copyOfRange(order, from, from + size), longest, first));
      from += size;
      left -= taken;
    }
    return plan;
  }

  private static MicroBatch of(int number, TokenRows rows, boolean[] wanted, Integer[] members, int length, int[] first) {
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
    return new MicroBatch(number, members.length, length, ids, found.stream().mapToLong(f -> f[0]).toArray(),
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
