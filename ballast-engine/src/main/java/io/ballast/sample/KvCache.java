package io.ballast.sample;

import io.ballast.model.ModelConfig;
import io.ballast.model.Routes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Static memory for keys and values, written in place. A {@link Block} holds a run of consecutive positions of one sequence for all
 * layers; a sample's block starts where its prompt's block, shared by the group, ends.
 *
 * <p>Layout of a block: [layer][kvHead] of keys [capacity / {@value #TILE}][headDim][{@value #TILE}] and values [capacity][headDim]; keys stand
 * so because a query meets many of them at once, a register holding one number of each. Blocks are kept for reuse by size; {@link #close} frees everything.
 * Where a decoder keeps keys and values elsewhere, blocks only number their places.
 */
final class KvCache implements AutoCloseable {
  /** Keys that stand beside one another; capacities are multiples of it. */
  static final int TILE = 16;

  private final int layers;
  private final int kvHeads;
  private final int headDim;
  private final int routesPerPosition;
  private final int numberBytes;
  private final Map<Integer, ArrayDeque<Range>> free = new HashMap<>();
  private final @Nullable Arena arena;
  private long bytes;
  private int places;

  private record Range(MemorySegment memory, int first) {}

  private KvCache(ModelConfig config, int numberBytes, @Nullable Arena arena) {
    this.layers = config.layers();
    this.kvHeads = config.kvHeads();
    this.headDim = config.headDim();
    this.routesPerPosition = layers * (config.experts() == null ? 0 : config.experts().active());
    this.numberBytes = numberBytes;
    this.arena = arena;
  }

  /** Blocks of floats, or bf16 where {@code narrow}, in this process's own memory. */
  static KvCache ofArrays(ModelConfig config, boolean narrow) {
    return new KvCache(config, narrow ? Short.BYTES : Float.BYTES, Arena.ofShared());
  }

  /** Blocks without memory: runs of places in a decoder's tensors, whose elements have this many bytes. */
  static KvCache ofPlaces(ModelConfig config, int numberBytes) {
    return new KvCache(config, numberBytes, null);
  }

  /** Positions [start, start + capacity) of a sequence; what comes before {@code start} is in {@code before}. */
  static final class Block {
    final @Nullable Block before;
    final int start;
    final int capacity;
    /** Position {@code start}'s place among those of all blocks; the others follow. */
    final int firstPlace;
    final MemorySegment memory;
    /** Experts chosen, [capacity][layer][k]; empty for dense models. */
    final short[] routes;
    final int routesPerPosition;
    /** Positions of the block whose {@link #routes} were there before the pass and are to be followed. */
    private int replayed;

    private Block(@Nullable Block before, int start, int capacity, Range range, int routesPerPosition) {
      this.before = before;
      this.start = start;
      this.capacity = capacity;
      this.firstPlace = range.first;
      this.memory = range.memory;
      this.routesPerPosition = routesPerPosition;
      routes = new short[capacity * routesPerPosition];
    }

    /** Lets positions follow recorded choices instead of the router's; what the record has beyond the block is of no use. */
    void replay(Routes recorded) {
      replayed = Math.min(capacity, recorded.positions() - start);
      System.arraycopy(recorded.experts(), start * routesPerPosition, routes, 0, replayed * routesPerPosition);
    }

    /** Where a position of this block or of those before it stands. */
    int place(int position) {
      return position >= start ? firstPlace + position - start : before.place(position);
    }

    boolean replays(int position) {
      return position - start < replayed;
    }
  }

  private static int rounded(int capacity) {
    return (capacity + TILE - 1) / TILE * TILE;
  }

  /** Bytes of a block of this capacity. */
  long size(int capacity) {
    return 2L * layers * kvHeads * rounded(capacity) * headDim * numberBytes;
  }

  Block take(@Nullable Block before, int start, int capacity) {
    int rounded = rounded(capacity);
    Range range = free.computeIfAbsent(rounded, r -> new ArrayDeque<>()).poll();
    if (range == null) {
      range = new Range(arena == null ? MemorySegment.NULL : arena.allocate(size(rounded), 64), places);
      places = Math.addExact(places, rounded);
      bytes += range.memory.byteSize();
    }
    return new Block(before, start, rounded, range, routesPerPosition);
  }

  void give(Block block) {
    free.get(block.capacity).push(new Range(block.memory, block.firstPlace));
  }

  boolean narrow() {
    return numberBytes == Short.BYTES;
  }

  /** The keys of one layer and head, and what follows them. */
  MemorySegment keys(Block block, int layer, int kvHead) {
    return block.memory.asSlice(2 * ((long) layer * kvHeads + kvHead) * block.capacity * headDim * numberBytes);
  }

  /** The values of one layer and head, and what follows them. */
  MemorySegment values(Block block, int layer, int kvHead) {
    return block.memory.asSlice((2 * ((long) layer * kvHeads + kvHead) + 1) * block.capacity * headDim * numberBytes);
  }

  /** Where key {@code t} of a block begins; its numbers are {@value #TILE} elements apart. */
  static int key(int t, int headDim) {
    return t / TILE * TILE * headDim + t % TILE;
  }

  /** Writes key and value of a position, [headDim] each at {@code atKey} and {@code atValue}. */
  void put(Block block, int layer, int kvHead, int position, float[] from, int atKey, int atValue) {
    int t = position - block.start;
    int key = key(t, headDim);
    MemorySegment keys = keys(block, layer, kvHead);
    MemorySegment values = values(block, layer, kvHead);
    if (narrow()) {
      for (int d = 0; d < headDim; d++) {
        keys.setAtIndex(ValueLayout.JAVA_SHORT, key + d * TILE, Activation.bf16(from[atKey + d]));
        values.setAtIndex(ValueLayout.JAVA_SHORT, t * headDim + d, Activation.bf16(from[atValue + d]));
      }
      return;
    }
    for (int d = 0; d < headDim; d++) keys.setAtIndex(ValueLayout.JAVA_FLOAT, key + d * TILE, from[atKey + d]);
    MemorySegment.copy(from, atValue, values, ValueLayout.JAVA_FLOAT, 4L * t * headDim, headDim);
  }

  /** Element {@code index} of keys or values. */
  static float number(MemorySegment of, long index, boolean narrow) {
    return narrow ? Float.intBitsToFloat(of.getAtIndex(ValueLayout.JAVA_SHORT, index) << 16) : of.getAtIndex(ValueLayout.JAVA_FLOAT, index);
  }

  /** Places of all blocks there have been. */
  int places() {
    return places;
  }

  /** Bytes taken from the system. */
  long bytes() {
    return bytes;
  }

  @Override public void close() {
    if (arena != null) arena.close();
  }
}
