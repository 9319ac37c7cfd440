package io.ballast.model;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows as one forward pass takes them. All but attention works on positions one behind the other: those of a prompt that several rows begin
 * with stand there once, and nothing is padded. Attention sees rows · length places, rows padded at their end to the longest.
 *
 * <p>T may be more than there are positions: matrix products want few different T, see {@link io.ballast.tensor.Products}. What is too many
 * hold the token 0, have a place that is another's, predict nothing and get no gradient.
 *
 * @param number of this one among the micro-batches of the pass, from 0
 * @param rows how many
 * @param length places of every row: as far as the last trained token of any needs
 * @param ids [T] input ids
 * @param positions of every trained token t: which of the T hidden states predicts it, each at most one
 * @param targets the trained tokens' ids
 * @param flat where each trained token stands among all of the {@link TokenRows}
 * @param places where positions stand in rows, null where T = rows · length and they stand there in order
 * @param routes [layers][T · k] ids of the experts to follow, −1 where the router decides; null where it decides everywhere
 */
record MicroBatch(int number, int rows, int length, long[] ids, long[] positions, long[] targets, int[] flat, @Nullable Places places,
    long @Nullable [][] routes) {
  /** With fewer steps of positions rounding up costs more than it saves. */
  private static final int WORTH = 8;

  /**
   * @param position [rows · length] the position of each place, 0 where padded
   * @param own [rows · length] the same where the place is the position's first, T elsewhere
   * @param place [T] the first place of each position
   * @param used how many of the T are positions
   */
  record Places(long[] position, long[] own, long[] place, int used, List<Prefix> prefixes) {}

  /** Positions [position, position + length) are the beginning of each of {@code rows} rows from {@code row} on. */
  record Prefix(int row, int rows, int position, int length) {}

  /** A row of the pass: where it stands among all, how many of its tokens count, and what it begins with. */
  private record Row(int index, int length, int lead, IntBuffer prefix, @Nullable Routes routes) {
    boolean sharesWith(Row other) {
      return lead > 0 && prefix.equals(other.prefix)
          && (routes == other.routes || routes != null && other.routes != null && routes.agrees(other.routes, lead));
    }
  }

  /**
   * Cuts rows, longest first but those that share a prompt together, into batches of about the same size and at most {@code budget}
   * places; rows without a wanted token are left out.
   *
   * @param threads the number of batches is a multiple of this where there are rows enough, so that no thread waits for the last one
   * @param step T is rounded up to a multiple of this, unless positions stand in rows as they are
   */
  static List<MicroBatch> plan(TokenRows rows, boolean[] wanted, int budget, int threads, int step) {
    int[] first = new int[rows.tokens().length];
    List<Row> order = ordered(rows, wanted, first);
    long left = cost(order);
    int batches = (int) ((order.stream().mapToLong(Row::length).sum() + (long) budget * threads - 1) / ((long) budget * threads)) * threads;
    List<MicroBatch> plan = new ArrayList<>();
    for (int from = 0; from < order.size(); ) {
      long share = left / Math.max(1, batches - plan.size());
      int size = 1, longest = order.get(from).length;
      long taken = longest;
      while (from + size < order.size()) {
        Row next = order.get(from + size);
        int wider = Math.max(longest, next.length);
        long more = next.length - (next.sharesWith(order.get(from + size - 1)) ? next.lead : 0);
        // Taken if that comes nearer to the share than leaving it does.
        if ((long) (size + 1) * wider > budget || taken + more / 2 > share) break;
        longest = wider;
        taken += more;
        size++;
      }
      plan.add(of(plan.size(), rows, wanted, order.subList(from, from + size), longest, first, step));
      from += size;
      left -= taken;
    }
    return plan;
  }

  private static long cost(List<Row> order) {
    long cost = 0;
    for (int i = 0; i < order.size(); i++) {
      cost += order.get(i).length - (i > 0 && order.get(i).sharesWith(order.get(i - 1)) ? order.get(i).lead : 0);
    }
    return cost;
  }

  /** Rows with a wanted token; fills in where each row's trained tokens begin among all. */
  private static List<Row> ordered(TokenRows rows, boolean[] wanted, int[] first) {
    Map<IntBuffer, List<Row>> byPrefix = new LinkedHashMap<>();
    int flat = 0;
    for (int r = 0; r < first.length; r++) {
      first[r] = flat;
      int length = 0, lead = 0;
      for (int t = 1; t < rows.tokens()[r].length; t++) {
        if (!rows.trained()[r][t]) continue;
        if (lead == 0) lead = t; // the position before a row's first trained token predicts it and is the row's own
        if (wanted[flat++]) length = t;
      }
      if (length == 0) continue;
      var row = new Row(r, length, lead - 1, IntBuffer.wrap(rows.tokens()[r], 0, Math.max(0, lead - 1)), rows.routes() == null ? null : rows.routes()[r]);
      byPrefix.computeIfAbsent(row.prefix, _ -> new ArrayList<>()).add(row);
    }
    List<List<Row>> units = new ArrayList<>();
    byPrefix.forEach((prefix, members) -> {
      members.sort(Comparator.comparingInt((Row row) -> -row.length));
      if (prefix.hasRemaining()) units.add(members);
      else members.forEach(row -> units.add(List.of(row)));
    });
    units.sort(Comparator.comparingInt((List<Row> unit) -> -unit.getFirst().length));
    return units.stream().flatMap(List::stream).toList();
  }

  private static MicroBatch of(int number, TokenRows rows, boolean[] wanted, List<Row> members, int length, int[] first, int step) {
    int places = members.size() * length;
    long[] position = new long[places], own = new long[places], place = new long[places], ids = new long[places];
    List<Prefix> prefixes = new ArrayList<>();
    List<long[]> found = new ArrayList<>();
    int next = 0, start = 0, sharers = 0; // the prefix of the last rows, and how many rows begin with it
    Arrays.fill(own, -1);
    for (int i = 0; i < members.size(); i++) {
      Row row = members.get(i);
      int shared = 0;
      if (i > 0 && row.sharesWith(members.get(i - 1))) {
        shared = row.lead;
        sharers++;
      } else {
        add(prefixes, members, i, sharers, start);
        start = next;
        sharers = 1;
      }
      int[] tokens = rows.tokens()[row.index];
      for (int t = 0; t < shared; t++) position[i * length + t] = start + t;
      for (int t = shared; t < row.length; t++) {
        ids[next] = tokens[t];
        place[next] = (long) i * length + t;
        own[i * length + t] = next;
        position[i * length + t] = next++;
      }
      int flat = first[row.index];
      for (int t = 1; t < tokens.length; t++) {
        if (!rows.trained()[row.index][t]) continue;
        if (wanted[flat]) found.add(new long[] {position[i * length + t - 1], tokens[t], flat});
        flat++;
      }
    }
    add(prefixes, members, members.size(), sharers, start);
    int count = next == places || next < WORTH * step ? next : (next + step - 1) / step * step;
    for (int i = 0; i < places; i++) if (own[i] < 0) own[i] = count;
    place = Arrays.copyOf(place, count);
    return new MicroBatch(number, members.size(), length, Arrays.copyOf(ids, count), found.stream().mapToLong(f -> f[0]).toArray(),
        found.stream().mapToLong(f -> f[1]).toArray(), found.stream().mapToInt(f -> (int) f[2]).toArray(),
        next == places ? null : new Places(position, own, place, next, prefixes), routes(members, place, length));
  }

  /** Records the prefix of the {@code sharers} rows before row {@code end}. */
  private static void add(List<Prefix> prefixes, List<Row> members, int end, int sharers, int start) {
    if (sharers > 1) prefixes.add(new Prefix(end - sharers, sharers, start, members.get(end - 1).lead));
  }

  private static long @Nullable [][] routes(List<Row> members, long[] place, int length) {
    Routes any = members.stream().map(Row::routes).filter(Objects::nonNull).findFirst().orElse(null);
    if (any == null) return null;
    int k = any.active();
    long[][] routes = new long[any.layers()][place.length * k];
    for (int layer = 0; layer < routes.length; layer++) {
      Arrays.fill(routes[layer], -1);
      for (int i = 0; i < place.length; i++) {
        Routes row = members.get((int) (place[i] / length)).routes;
        int t = (int) (place[i] % length);
        if (row != null && t < row.positions()) row.copy(t, layer, routes[layer], i * k);
      }
    }
    return routes;
  }
}
