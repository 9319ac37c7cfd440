package io.ballast.cli;

import io.ballast.method.Method;
import io.ballast.method.Methods;
import io.ballast.method.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Times {@link ObjectiveTurns} with JMH, a fresh process a method unless {@code forks} is 0, and takes medians.
 *
 * @param threads threads that share the sequences of a step
 * @param warmUp evaluations of PPO and of the method before any is measured, each
 * @param iterations measured evaluations, each
 * @param forks processes a method; 0: all in this one, where the methods measured before leave their mark on the compiled code
 */
record ObjectiveBench(int tokens, int sequences, int threads, int warmUp, int iterations, int forks) {

  ObjectiveBench {
    new RandomStep(tokens, sequences);
    if (threads < 1 || threads > sequences) throw new IllegalArgumentException("threads must be in [1, %d], the sequences, got %d".formatted(sequences, threads));
    if (warmUp < 0) throw new IllegalArgumentException("warm-up must be at least 0, got " + warmUp);
    if (iterations < 1) throw new IllegalArgumentException("iterations must be at least 1, got " + iterations);
    if (forks < 0) throw new IllegalArgumentException("forks must be at least 0, got " + forks);
  }

  /** @param id one method, or null for all */
  void run(@Nullable String id, Consumer<Map<String, Object>> result) {
    System.setProperty("jmh.ignoreLock", "true");
    for (Method method : id == null ? Methods.all() : List.of(Methods.named(id))) result.accept(line(method, measured(method.id())));
  }

  private List<IterationResult> measured(String id) {
    var options = new OptionsBuilder().include("^" + ObjectiveTurns.class.getName().replace(".", "\\.") + "\\.evaluate$")
        .param("method", id).param("tokens", String.valueOf(tokens)).param("sequences", String.valueOf(sequences)).param("threads", String.valueOf(threads))
        .warmupIterations(2 * warmUp).measurementIterations(2 * iterations).forks(forks).threads(1)
        .addProfiler(GCProfiler.class).verbosity(VerboseMode.SILENT).shouldFailOnError(true).build();
    try {
      List<IterationResult> all = new ArrayList<>();
      for (var fork : new Runner(options).runSingle().getBenchmarkResults()) all.addAll(fork.getIterationResults());
      return all;
    } catch (RunnerException e) {
      throw new IllegalStateException("JMH could not measure %s: %s".formatted(id, e.getMessage()), e);
    }
  }

  private Map<String, Object> line(Method method, List<IterationResult> turns) {
    double ppo = median(turns, 0, ObjectiveBench::millis), own = median(turns, 1, ObjectiveBench::millis), bytes = median(turns, 1, ObjectiveBench::bytes);
    var line = new LinkedHashMap<String, Object>();
    line.put("method", method.id());
    line.put("millis", own);
    line.put("nanosPerToken", own * 1e6 / tokens);
    line.put("ratioToPpo", own / ppo);
    line.put("bytesAllocatedPerToken", bytes / tokens);
    line.put("machine", machine());
    List<String> beyond = method.assemble(method.examples()).columns().stream().filter(column -> !Probe.COLUMNS.contains(column)).toList();
    if (!beyond.isEmpty()) line.put("beyondProbe", beyond);
    return line;
  }

  private static double millis(IterationResult turn) {
    return turn.getPrimaryResult().getScore();
  }

  private static double bytes(IterationResult turn) {
    return turn.getSecondaryResults().get("gc.alloc.rate.norm").getScore();
  }

  /** Of every other turn, beginning with the given one. */
  private static double median(List<IterationResult> turns, int first, ToDoubleFunction<IterationResult> figure) {
    double[] values = new double[turns.size() / 2];
    for (int i = 0; i < values.length; i++) values[i] = figure.applyAsDouble(turns.get(2 * i + first));
    Arrays.sort(values);
    return values[values.length / 2];
  }

  private static String machine() {
    String cpu = System.getProperty("os.arch");
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      cpu = lines.filter(line -> line.startsWith("model name")).findFirst().map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse(cpu);
    } catch (IOException e) {
      // not Linux: the architecture has to do
    }
    return "%s, %d cores, Java %s".formatted(cpu, Runtime.getRuntime().availableProcessors(), Runtime.version());
  }
}
