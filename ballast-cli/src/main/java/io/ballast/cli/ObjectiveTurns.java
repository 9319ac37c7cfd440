package io.ballast.cli;

import io.ballast.method.Assembly;
import io.ballast.method.Method;
import io.ballast.method.Methods;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One evaluation of an objective over a whole step, preparation included. Plain PPO and the method take turns on the same numbers in the
 * same process: JMH's iterations 0, 2, 4, … are PPO's, 1, 3, 5, … the method's. So the ratio of the two does not see what else the machine does.
 * Public because JMH's generated code extends it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class ObjectiveTurns {
  @Param("ppo") public String method = "";
  @Param("1000000") public int tokens;
  @Param("4096") public int sequences;
  @Param("1") public int threads;

  private final Objective ppo = Methods.named("ppo").assemble(Map.of()).objective();
  private Objective objective = ppo;
  private boolean own;
  private final List<TokenBatch> parts = new ArrayList<>();
  private TokenBatch whole = new RandomStep(1, 1).part(List.of(), 0, 1);
  private @Nullable ExecutorService pool;

  /** Builds the numbers of the step. */
  @Setup(Level.Trial)
  public void begin() {
    Method named = Methods.named(method);
    Assembly assembly = named.assemble(named.examples());
    var step = new RandomStep(tokens, sequences);
    whole = step.part(assembly.columns(), 0, sequences);
    parts.clear();
    for (int p = 0; p < threads; p++) {
      parts.add(threads == 1 ? whole : step.part(assembly.columns(), (int) ((long) sequences * p / threads), (int) ((long) sequences * (p + 1) / threads)));
    }
    objective = assembly.objective();
    own = true;
    if (threads > 1) pool = Executors.newFixedThreadPool(threads);
  }

  /** Whose turn it is. */
  @Setup(Level.Iteration)
  public void turn() {
    own = !own;
  }

  /** One evaluation. */
  @Benchmark
  public double evaluate() {
    Objective prepared = (own ? objective : ppo).prepared(whole);
    if (pool == null) return prepared.evaluate(whole).loss();
    List<Future<Double>> pending = new ArrayList<>();
    for (TokenBatch part : parts) pending.add(pool.submit(() -> prepared.evaluate(part).loss()));
    double loss = 0;
    try {
      for (Future<Double> one : pending) loss += one.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    return loss;
  }

  /** Lets the threads go. */
  @TearDown(Level.Trial)
  public void end() {
    if (pool != null) pool.shutdown();
  }
}
