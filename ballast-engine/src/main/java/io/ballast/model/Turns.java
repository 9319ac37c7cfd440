package io.ballast.model;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Lets threads that work on several micro-batches at once add to the same gradient one after the other, in an order fixed beforehand: a
 * sum has the same bits whoever is faster, and no thread needs a copy of all gradients.
 *
 * <p>Turns 0, 1, 2, … of each gradient are counted by themselves. Every turn has to be taken, in an order in which no thread waits for a
 * later one of its own.
 */
final class Turns {
  private final Map<Long, Integer> taken = new HashMap<>();
  private boolean abandoned;

  /** Runs {@code add} when turn {@code number} at {@code gradient} has come; where the gradient is null nothing is done. */
  void at(@Nullable Tensor gradient, int number, Runnable add) {
    if (gradient == null) return;
    long place = gradient.data_ptr().address();
    await(place, number);
    add.run();
    done(place, number);
  }

  private synchronized void await(long place, int number) {
    try {
      while (!abandoned && taken.getOrDefault(place, 0) < number) wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      abandoned = true;
      notifyAll();
    }
    if (abandoned) throw new IllegalStateException("another thread of this pass failed or was interrupted");
  }

  private synchronized void done(long place, int number) {
    taken.put(place, number + 1);
    notifyAll();
  }

  /** To be called by a thread that fails: nobody waits for it any more. */
  synchronized void abandon() {
    abandoned = true;
    notifyAll();
  }

  /** The turns of one micro-batch: its number at most gradients; the head's are counted by chunks of tokens. */
  record Of(Turns turns, int number, int[] head, int embedding) {
    void at(@Nullable Tensor gradient, Runnable add) {
      turns.at(gradient, number, add);
    }

    /** The turns of one chunk of tokens at the head. */
    Of ofHead(int chunk) {
      return new Of(turns, head[chunk], head, embedding);
    }

    Of ofEmbedding() {
      return new Of(turns, embedding, head, embedding);
    }
  }

  /**
   * The turns of all micro-batches, of which {@code lanes} at a time are under way.
   *
   * @param chunks turns each takes at the head
   * @param tied whether the embedding's gradient is the head's
   */
  static Of[] plan(int[] chunks, int lanes, boolean tied) {
    var turns = new Turns();
    Of[] plan = new Of[chunks.length];
    int head = 0;
    for (int first = 0; first < chunks.length; first += lanes) {
      int last = Math.min(chunks.length, first + lanes), most = 0;
      int[][] numbers = new int[last - first][];
      for (int i = first; i < last; i++) {
        numbers[i - first] = new int[chunks[i]];
        most = Math.max(most, chunks[i]);
      }
      for (int chunk = 0; chunk < most; chunk++) {
        for (int[] own : numbers) if (chunk < own.length) own[chunk] = head++;
      }
      for (int i = first; i < last; i++) plan[i] = new Of(turns, i, numbers[i - first], tied ? head++ : i);
    }
    return plan;
  }
}
