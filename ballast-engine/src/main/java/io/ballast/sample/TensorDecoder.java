package io.ballast.sample;

import io.ballast.model.CachedForward;
import io.ballast.model.CachedRows;
import io.ballast.model.ModelConfig;
import io.ballast.model.Policy;
import io.ballast.tensor.Team;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of sampling on any device, by libtorch's operations; on a CPU {@link ArrayDecoder} takes its place. Logits come to the
 * host, {@value Decoder#LOGIT_ROWS} rows at once, and tokens are drawn there.
 */
final class TensorDecoder implements Decoder {
  private final Policy policy;
  private final ModelConfig config;
  private final Team team;
  private final KvCache cache;
  private final CachedForward forward;
  private final int[] slotRow;

  TensorDecoder(Policy policy, Team team, int maxRows) {
    this.policy = policy;
    this.config = policy.config();
    this.team = team;
    cache = KvCache.ofPlaces(config, policy.dtype().computeBytes());
    forward = new CachedForward(policy, LOGIT_ROWS);
    slotRow = new int[maxRows];
  }

  @Override public KvCache cache() {
    return cache;
  }

  @Override public void refresh(Numerics numerics) {
    if (numerics == Numerics.EXACT) {
      throw new IllegalArgumentException(
          "the exact engine computes on a CPU only, and the policy is on %s; sample with the fast engine or use device cpu".formatted(policy.device()));
    }
  }

  @Override public void forward(Rows rows, Numerics numerics, LogitSink sink) {
    int vocabulary = config.vocabSize();
    forward.run(cached(rows), cache.places(), (first, count, logits) -> team.run(part -> {
      for (int i = part; i < count; i += team.size()) sink.accept(part, first + i, logits, i * vocabulary);
    }));
    if (config.experts() != null) record(rows);
  }

  private CachedRows cached(Rows rows) {
    int count = rows.count;
    long[] ids = new long[count], positions = new long[count], places = new long[count];
    for (int i = 0; i < count; i++) {
      ids[i] = rows.token[i];
      positions[i] = rows.position[i];
      places[i] = rows.block[i].place(rows.position[i]);
      if (rows.slot[i] >= 0) slotRow[rows.slot[i]] = i;
    }
    long[] wanted = new long[rows.slots];
    for (int slot = 0; slot < wanted.length; slot++) wanted[slot] = slotRow[slot];
    return new CachedRows(ids, positions, places, wanted, spans(rows), routes(rows));
  }

  /** Runs of rows of one block, those of the same number of rows together. */
  private static List<CachedRows.Span> spans(Rows rows) {
    Map<Integer, List<Integer>> firsts = new TreeMap<>();
    for (int from = 0; from < rows.count; ) {
      int to = from + 1;
      while (to < rows.count && rows.block[to] == rows.block[from]) to++;
      firsts.computeIfAbsent(to - from, _ -> new ArrayList<>()).add(from);
      from = to;
    }
    List<CachedRows.Span> spans = new ArrayList<>();
    firsts.forEach((queries, starts) -> spans.add(span(rows, starts, queries)));
    return spans;
  }

  private static CachedRows.Span span(Rows rows, List<Integer> starts, int queries) {
    int length = 0;
    for (int start : starts) length = Math.max(length, rows.position[start + queries - 1] + 1);
    long[] of = new long[starts.size() * queries], keys = new long[starts.size() * length];
    for (int s = 0; s < starts.size(); s++) {
      int start = starts.get(s), known = rows.position[start + queries - 1] + 1;
      for (int q = 0; q < queries; q++) of[s * queries + q] = start + q;
      for (int p = 0; p < known; p++) keys[s * length + p] = rows.block[start].place(p);
      Arrays.fill(keys, s * length + known, (s + 1) * length, keys[s * length]);
    }
    return new CachedRows.Span(starts.size(), length, of, keys);
  }

  /** Recorded choices to follow, null where no row has any. */
  private long @Nullable [][] routes(Rows rows) {
    boolean any = false;
    for (int i = 0; i < rows.count; i++) any |= rows.block[i].replays(rows.position[i]);
    if (!any) return null;
    int k = config.experts().active();
    long[][] routes = new long[config.layers()][rows.count * k];
    for (int layer = 0; layer < routes.length; layer++) {
      for (int i = 0; i < rows.count; i++) {
        int at = place(rows, i, layer);
        for (int j = 0; j < k; j++) routes[layer][i * k + j] = rows.block[i].replays(rows.position[i]) ? rows.block[i].routes[at + j] : -1;
      }
    }
    return routes;
  }

  private void record(Rows rows) {
    int k = config.experts().active();
    for (int layer = 0; layer < config.layers(); layer++) {
      if (!config.routed(layer)) continue;
      short[] choices = forward.choices(layer);
      for (int i = 0; i < rows.count; i++) System.arraycopy(choices, i * k, rows.block[i].routes, place(rows, i, layer), k);
    }
  }

  /** Where a row's choices of one layer stand among its block's. */
  private int place(Rows rows, int row, int layer) {
    KvCache.Block block = rows.block[row];
    return (rows.position[row] - block.start) * block.routesPerPosition + layer * config.experts().active();
  }

  @Override public long bytes() {
    return forward.bytes();
  }

  @Override public void close() {
    forward.close();
    cache.close();
  }
}
