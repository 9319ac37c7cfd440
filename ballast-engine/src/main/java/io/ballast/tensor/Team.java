package io.ballast.tensor;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A few threads that run the same code at once, each on its part, with one-threaded operations, and may meet at barriers many times per
 * decoding step. A meeting takes well under a microsecond while all are running; who waits longer gives its core away.
 */
public final class Team implements AutoCloseable {
  private static final int SPINS = 2_000;
  /** Waiting members yield this often before they park: about a tenth of a second without work. */
  private static final int YIELDS = 20_000;

  private static final class Shared {
    static final Team TEAM = new Team(Native.threads());
  }

  private final int size;
  private final Thread[] workers;
  private final AtomicInteger round = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger arrived = new AtomicInteger();
  private final AtomicInteger phase = new AtomicInteger();
  private volatile @Nullable IntConsumer work;
  private volatile @Nullable Throwable failure;
  private volatile boolean closed;

  /** The process's own team, a thread for each that {@link Native#threads} counts. It is never closed. */
  public static Team shared() {
    return Shared.TEAM;
  }

  Team(int size) {
    this.size = size;
    this.workers = new Thread[size - 1];
    for (int i = 0; i < workers.length; i++) {
      int part = i + 1;
      workers[i] = Thread.ofPlatform().daemon().name("ballast-sampler-" + part).start(() -> {
        Threads.one();
        serve(part);
      });
    }
  }

  public int size() {
    return size;
  }

  /**
   * Runs {@code work} for every part 0 … size − 1 at once, part 0 on the caller, and returns when all are done. The caller's operations
   * keep the thread count they have, see {@link Threads#one}. One run at a time: another caller waits.
   */
  public synchronized void run(IntConsumer work) {
    if (closed) throw new IllegalStateException("this team is closed");
    failure = null;
    this.work = work;
    running.set(workers.length);
    round.incrementAndGet();
    for (Thread worker : workers) LockSupport.unpark(worker);
    attempt(work, 0);
    int waits = 0;
    while (running.get() > 0) pause(waits++);
    // A failed part leaves the barrier half passed.
    arrived.set(0);
    if (failure instanceof RuntimeException e) throw e;
    if (failure instanceof Error e) throw e;
  }

  /** {@link #run} with the caller's operations on one thread, too. */
  public void runAlone(IntConsumer work) {
    Threads.one();
    try {
      run(work);
    } finally {
      Threads.all();
    }
  }

  /** Returns when every part has called it; what one part wrote before is seen by all after. */
  public void barrier() {
    if (size == 1) return;
    int now = phase.get();
    if (arrived.incrementAndGet() == size) {
      arrived.set(0);
      phase.set(now + 1);
      return;
    }
    int waits = 0;
    while (phase.get() == now) {
      if (failure != null) throw new IllegalStateException("another part of the sampler failed", failure);
      pause(waits++);
    }
  }

  private static void pause(int waits) {
    if (waits < SPINS) Thread.onSpinWait();
    else Thread.yield();
  }

  private void attempt(IntConsumer work, int part) {
    try {
      work.accept(part);
    } catch (RuntimeException | Error e) {
      if (failure == null) failure = e;
    }
  }

  private void serve(int part) {
    int seen = 0;
    while (true) {
      int waits = 0;
      while (round.get() == seen && !closed) {
        if (waits < SPINS + YIELDS) pause(waits++);
        else LockSupport.park(this);
      }
      if (closed) return;
      seen++;
      attempt(work, part);
      running.decrementAndGet();
    }
  }

  @Override public void close() {
    closed = true;
    for (Thread worker : workers) LockSupport.unpark(worker);
    for (Thread worker : workers) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
