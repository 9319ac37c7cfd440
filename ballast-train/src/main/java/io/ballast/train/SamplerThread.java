package io.ballast.train;

import io.ballast.model.Policy;
import io.ballast.sample.Generator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread that samples while the policy is trained, from a copy of the weights. The copy is taken by {@link #start} and stays as it is until
 * the next one, so what is sampled depends on when in the run it was begun and never on the clock.
 *
 * <p>Owns one set of weights more, a generator and the thread; they are made, used and closed on that thread.
 */
final class SamplerThread implements BatchSource.Beside, AutoCloseable {
  private final Policy trained;
  private final ExecutorService thread = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("ballast-ahead").factory());
  private final Policy snapshot;
  private final Generator generator;
  private @Nullable Future<?> work;

  SamplerThread(Policy trained) {
    this.trained = trained;
    try {
      snapshot = on(trained::copy);
      generator = on(() -> new Generator(snapshot));
    } catch (RuntimeException e) {
      thread.shutdown();
      throw e;
    }
  }

  Policy snapshot() {
    return snapshot;
  }

  Generator generator() {
    return generator;
  }

  @Override public void start(Runnable sampling) {
    join();
    on(() -> {
      snapshot.copyFrom(trained);
      return true;
    });
    work = thread.submit(sampling);
  }

  @Override public void join() {
    Future<?> waited = work;
    work = null;
    if (waited != null) result(waited);
  }

  private <T> T on(Supplier<T> task) {
    return result(thread.submit(task::get));
  }

  private static <T> T result(Future<T> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true; // native memory is in use until the task ends
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) throw cause;
      if (e.getCause() instanceof Error cause) throw cause;
      throw new IllegalStateException("sampling failed", e.getCause());
    } finally {
      if (interrupted) Thread.currentThread().interrupt();
    }
  }

  /** Lets what is being sampled come to its end first: a run that fails in training loses it anyway. */
  @Override public void close() {
    on(() -> {
      generator.close();
      snapshot.close();
      return true;
    });
    thread.shutdown();
  }
}
