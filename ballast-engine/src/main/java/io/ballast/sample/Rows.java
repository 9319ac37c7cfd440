package io.ballast.sample;

/** The tokens of one forward pass: a row each, of any sequences, in order of position within a sequence. */
final class Rows {
  final int capacity;
  final int[] token;
  final int[] position;
  final KvCache.Block[] block;
  /** Where the row's logits go, −1 = none wanted. */
  final int[] slot;
  int count;
  int slots;

  Rows(int capacity) {
    this.capacity = capacity;
    token = new int[capacity];
    position = new int[capacity];
    block = new KvCache.Block[capacity];
    slot = new int[capacity];
  }

  void clear() {
    count = 0;
    slots = 0;
  }

  int free() {
    return capacity - count;
  }

  /** Adds a token at {@code position}, whose keys and values are written to {@code block}; returns its slot, or −1. */
  int add(int token, int position, KvCache.Block block, boolean logits) {
    this.token[count] = token;
    this.position[count] = position;
    this.block[count] = block;
    slot[count] = logits ? slots++ : -1;
    return slot[count++];
  }
}
