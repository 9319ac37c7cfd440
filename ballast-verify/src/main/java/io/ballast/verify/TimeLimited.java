package io.ballast.verify;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Gives a verifier a hard limit of time per answer. The work runs on a thread that is interrupted and left behind when
 * its time is up, because code that does not look at the clock cannot be stopped. Left threads are counted; when too
 * many still run, further answers are refused as timed out at once rather than slow the machine down.
 */
public final class TimeLimited implements Verifier {
  private static final int MOST_LEFT_BEHIND = 32;
  private static final long STACK_BYTES = 4 << 20;
  private static final AtomicInteger LEFT_BEHIND = new AtomicInteger();
  private static final ExecutorService WORKERS = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 30, TimeUnit.SECONDS,
      new SynchronousQueue<>(), work -> {
        var thread = new Thread(null, work, "verifier", STACK_BYTES);
        thread.setDaemon(true);
        return thread;
      });

  private final Verifier checked;
  private final Duration limit;

  public TimeLimited(Verifier checked, Duration limit) {
    if (limit.isNegative() || limit.isZero()) throw new IllegalArgumentException("time limit must be above 0, got " + limit);
    this.checked = new Total(checked);
    this.limit = limit;
  }

  @Override public Verdict verify(String gold, String answer) {
    return within(() -> checked.verify(gold, answer));
  }

  @Override public Verdict lint(String gold) {
    return within(() -> checked.lint(gold));
  }

  private Verdict within(Supplier<Verdict> work) {
    if (LEFT_BEHIND.get() >= MOST_LEFT_BEHIND) {
      return new Verdict.TimedOut("", "%d earlier answers are still being checked past their time limit".formatted(MOST_LEFT_BEHIND));
    }
    var job = new Job(work);
    var result = WORKERS.submit(job::run);
    try {
      return result.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      abandon(job, result);
      return new Verdict.TimedOut("", "no verdict within %s s".formatted(limit.toMillis() / 1_000.0));
    } catch (InterruptedException e) {
      abandon(job, result);
      Thread.currentThread().interrupt();
      return new Verdict.TimedOut("", "interrupted");
    } catch (ExecutionException e) {
      return new Verdict.Unanswered("the checker failed: " + Excerpt.cut(String.valueOf(e.getCause()), 200));
    }
  }

  private static void abandon(Job job, Future<?> result) {
    job.abandon();
    result.cancel(true);
  }

  /** Work that knows whether somebody still waits for it, so that left threads are counted until they end. */
  private static final class Job {
    private final Supplier<Verdict> work;
    private boolean running, abandoned;

    Job(Supplier<Verdict> work) {
      this.work = work;
    }

    Verdict run() {
      synchronized (this) {
        running = true;
      }
      try {
        return work.get();
      } finally {
        synchronized (this) {
          running = false;
          if (abandoned) LEFT_BEHIND.decrementAndGet();
        }
      }
    }

    synchronized void abandon() {
      if (!running) return;
      abandoned = true;
      LEFT_BEHIND.incrementAndGet();
    }
  }
}
