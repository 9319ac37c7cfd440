package io.ballast.cli;

import io.ballast.method.Assembly;
import io.ballast.method.Method;
import io.ballast.method.Methods;
import io.ballast.objective.Objective;
import io.ballast.objective.StepTotals;
import io.ballast.objective.TokenBatch;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Times the evaluation of objectives, preparation over the whole step included, on a random ragged batch, the same for every method.
 * Method and plain PPO take turns, so that the ratio of their medians does not see what else the machine does.
 */
final class ObjectiveBench {
  private static final int MEASURED = 9, GROUP = 8;
  private static final long WARM_UP_NANOS = 400_000_000;

  private final int tokens;
  private final int sequences;
  private final int threads;

  ObjectiveBench(int tokens, int sequences, int threads) {
    if (sequences < 1) throw new IllegalArgumentException("sequences must be at least 1, got " + sequences);
    if (tokens < sequences) throw new IllegalArgumentException("tokens must be at least sequences (%d), got %d".formatted(sequences, tokens));
    if (threads < 1 || threads > sequences) throw new IllegalArgumentException("threads must be in [1, %d], the sequences, got %d".formatted(sequences, threads));
    this.tokens = tokens;
    this.sequences = sequences;
    this.threads = threads;
  }

  /** @param id one method, or null for all; one that needs settings without default is reported to {@code skipped} */
  void run(@Nullable String id, Consumer<Map<String, Object>> result, Consumer<String> skipped) {
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      var ppo = new Work(Methods.named("ppo").assemble(Map.of()));
      for (Method method : id == null ? Methods.all() : List.of(Methods.named(id))) {
        try {
          Timing timing = time(pool, new Work(method.assemble(Map.of())), ppo);
          var line = new LinkedHashMap<String, Object>();
          line.put("method", method.id());
          line.put("millis", timing.millis);
          line.put("nanosPerToken", timing.millis * 1e6 / tokens);
          line.put("ratioToPpo", timing.millis / timing.ppoMillis);
          line.put("bytesAllocatedPerToken", timing.bytes / tokens);
          line.put("machine", machine());
          result.accept(line);
        } catch (IllegalArgumentException e) {
          skipped.accept(method.id() + ": " + e.getMessage());
        }
      }
    }
  }

  private record Timing(double millis, double ppoMillis, double bytes) {}

  /** An objective with the batch it is evaluated on, whole and cut into a part a thread. */
  private final class Work {
    private final Objective objective;
    private final TokenBatch whole;
    private final List<TokenBatch> parts = new ArrayList<>();

    Work(Assembly assembly) {
      objective = assembly.objective();
      whole = batch(assembly.columns(), 0, sequences);
      for (int p = 0; p < threads; p++) parts.add(threads == 1 ? whole : batch(assembly.columns(), sequences * p / threads, sequences * (p + 1) / threads));
    }

    double millis(ExecutorService pool) {
      long start = System.nanoTime();
      evaluate(pool, objective.prepared(whole), parts);
      return (System.nanoTime() - start) / 1e6;
    }
  }

  private static Timing time(ExecutorService pool, Work method, Work ppo) {
    for (long start = System.nanoTime(); System.nanoTime() - start < WARM_UP_NANOS; ) {
      method.millis(pool);
      ppo.millis(pool);
    }
    double[] millis = new double[MEASURED], ppoMillis = new double[MEASURED];
    long before = allocated();
    method.millis(pool);
    double bytes = allocated() - before;
    for (int run = 0; run < MEASURED; run++) {
      millis[run] = method.millis(pool);
      ppoMillis[run] = ppo.millis(pool);
    }
    Arrays.sort(millis);
    Arrays.sort(ppoMillis);
    return new Timing(millis[MEASURED / 2], ppoMillis[MEASURED / 2], bytes);
  }

  private static void evaluate(ExecutorService pool, Objective prepared, List<TokenBatch> parts) {
    if (parts.size() == 1) {
      prepared.evaluate(parts.getFirst());
      return;
    }
    List<Future<?>> pending = new ArrayList<>();
    for (TokenBatch part : parts) pending.add(pool.submit(() -> prepared.evaluate(part)));
    try {
      for (Future<?> one : pending) one.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Sequences [from, to) of the step; the numbers of a sequence are a function of its number alone. */
  private TokenBatch batch(List<String> columns, int from, int to) {
    int[] offsets = new int[to - from + 1], group = new int[to - from], ids = new int[to - from];
    for (int s = from; s < to; s++) {
      offsets[s - from + 1] = offsets[s - from] + end(s + 1) - end(s);
      group[s - from] = s / GROUP;
      ids[s - from] = s;
    }
    int n = offsets[to - from];
    double[] logp = new double[n], old = new double[n], advantage = new double[n];
    Map<String, double[]> extra = new HashMap<>();
    for (String name : columns) extra.put(name, new double[n]);
    for (int s = from; s < to; s++) {
      var random = new SplittableRandom(s);
      double a = random.nextGaussian();
      for (int t = offsets[s - from]; t < offsets[s - from + 1]; t++) {
        old[t] = -random.nextExponential();
        logp[t] = Math.min(-1e-9, old[t] + 0.15 * random.nextGaussian());
        advantage[t] = a;
        int place = t - offsets[s - from];
        for (var column : extra.entrySet()) column.getValue()[t] = value(column.getKey(), old[t], place, random);
      }
    }
    return new TokenBatch(offsets, group, ids, logp, old, advantage, extra, new StepTotals(sequences, tokens, (sequences + GROUP - 1) / GROUP, longest()));
  }

  /** A number such as the column of that name holds. */
  private static double value(String column, double old, int place, SplittableRandom random) {
    String name = column.toLowerCase(java.util.Locale.ROOT);
    if (name.endsWith("logp")) return Math.min(-1e-9, old + 0.1 * random.nextGaussian());
    if (name.equals("turn") || name.equals("sentence")) return place / 32;
    return random.nextDouble();
  }

  /** Where sequence s begins: lengths alternate between half and one and a half times the mean. */
  private int end(int s) {
    long even = (long) tokens * s / sequences;
    return (int) (s % 2 == 1 && s < sequences ? even - tokens / sequences / 2 : even);
  }

  private int longest() {
    int longest = 1;
    for (int s = 0; s < sequences; s++) longest = Math.max(longest, end(s + 1) - end(s));
    return longest;
  }

  private static long allocated() {
    return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean bean ? bean.getTotalThreadAllocatedBytes() : 0;
  }

  private static String machine() {
    String cpu = System.getProperty("os.arch");
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      cpu = lines.filter(line -> line.startsWith("model name")).findFirst().map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse(cpu);
    } catch (java.io.IOException e) {
      // not Linux: the architecture has to do
    }
    return "%s, %d cores, Java %s".formatted(cpu, Runtime.getRuntime().availableProcessors(), Runtime.version());
  }
}
