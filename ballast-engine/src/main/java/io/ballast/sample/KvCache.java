package io.ballast.sample;

import io.ballast.model.Routes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Static memory for keys and values, written in place. A {@link Block} holds a run of consecutive positions of one sequence for all
 * layers; a sample's block starts where its prompt's block, shared by the group, ends.
 *
 * <p>Layout of a block: [layer][kvHead][K, V][capacity][headDim]. Blocks are kept for reuse by size; {@link #close} frees everything.
 */
final class KvCache implements AutoCloseable {
  private static final int ROUND = 16;

  private final int layers;
  private final int kvHeads;
  private final int headDim;
  private final int routesPerPosition;
  private final Map<Integer, ArrayDeque<MemorySegment>> free = new HashMap<>();
  private final Arena arena = Arena.ofShared();
  private long bytes;

  /** @param routes experts a token is sent to in each layer, 0 for dense models */
  KvCache(int layers, int kvHeads, int headDim, int routes) {
    this.layers = layers;
    this.kvHeads = kvHeads;
    this.headDim = headDim;
    this.routesPerPosition = layers * routes;
  }

  /** Positions [start, start + capacity) of a sequence; what comes before {@code start} is in {@code before}. */
  static final class Block {
    final @Nullable Block before;
    final int start;
    final int capacity;
    final MemorySegment memory;
    /** Experts chosen, [capacity][layer][k]; empty for dense models. */
    final short[] routes;
    final int routesPerPosition;
    /** Positions of the block whose {@link #routes} were there before the pass and are to be followed. */
    private int replayed;

    private Block(@Nullable Block before, int start, int capacity, MemorySegment memory, int routesPerPosition) {
      this.before = before;
      this.start = start;
      this.capacity = capacity;
      this.memory = memory;
      this.routesPerPosition = routesPerPosition;
      routes = new short[capacity * routesPerPosition];
    }

    /** Lets positions follow recorded choices instead of the router's; what the record has beyond the block is of no use. */
    void replay(Routes recorded) {
      replayed = Math.min(capacity, recorded.positions() - start);
      System.arraycopy(recorded.experts(), start * routesPerPosition, routes, 0, replayed * routesPerPosition);
    }

    boolean replays(int position) {
      return position - start < replayed;
    }
  }

  private static int rounded(int capacity) {
    return (capacity + ROUND - 1) / ROUND * ROUND;
  }

  /** Bytes of a block of this capacity. */
  long size(int capacity) {
    return 2L * layers * kvHeads * rounded(capacity) * headDim * Float.BYTES;
  }

  Block take(@Nullable Block before, int start, int capacity) {
    int rounded = rounded(capacity);
    MemorySegment memory = free.computeIfAbsent(rounded, r -> new ArrayDeque<>()).poll();
    if (memory == null) {
      memory = arena.allocate(size(rounded), 64);
      bytes += memory.byteSize();
    }
    return new Block(before, start, rounded, memory, routesPerPosition);
  }

  void give(Block block) {
    free.get(block.capacity).push(block.memory);
  }

  /** Byte offset of the keys of one layer and head within a block; its values follow after capacity · headDim floats. */
  long keys(Block block, int layer, int kvHead) {
    return ((long) layer * kvHeads + kvHead) * 2 * block.capacity * headDim * Float.BYTES;
  }

  long values(Block block, int layer, int kvHead) {
    return keys(block, layer, kvHead) + (long) block.capacity * headDim * Float.BYTES;
  }

  /** Bytes taken from the system. */
  long bytes() {
    return bytes;
  }

  @Override public void close() {
    arena.close();
  }
}
