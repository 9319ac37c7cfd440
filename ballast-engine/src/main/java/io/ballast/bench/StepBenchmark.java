package io.ballast.bench;

import io.ballast.model.AdamW;
import io.ballast.model.ModelConfig;
import io.ballast.model.Policy;
import io.ballast.model.TokenRows;
import io.ballast.sample.Completion;
import io.ballast.sample.Generator;
import io.ballast.sample.Request;
import io.ballast.sample.Sampling;
import io.ballast.tensor.Native;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A whole GRPO step on a random model: sampling to the full length without stopping, random rewards, one optimizer update.
 *
 * <p>On fresh data the ratio is 1, so the gradient of the clipped surrogate under token-mean is dL/dlogp = −A / T for every token, A the
 * group z-score of its answer's reward.
 */
public final class StepBenchmark {
  /** Which part of the step is run. */
  public enum Part { ROLLOUT, TRAIN, STEP }

  private static final long SEED = 7;
  /** Small shapes take more than one step to warm up: the optimising compiler works beside them. */
  private static final double WARM_UP_SECONDS = 6;

  private final Part part;
  private final Work work;

  public StepBenchmark(Part part, Work work) {
    this.part = part;
    this.work = work;
  }

  /**
   * Runs steps to warm up, one or as many as {@value #WARM_UP_SECONDS} seconds hold, and then the measured ones; {@code listener} hears the
   * number of each measured step done, before them 0 for the warm-up.
   */
  public StepResult run(IntConsumer listener) {
    Native.init();
    ModelConfig config = work.shape().config(Math.max(2048, work.promptLength() + work.maxNew()));
    List<double[]> seconds = new ArrayList<>();
    try (Policy policy = Policy.random(config, SEED, work.device(), work.dtype());
        Generator generator = part == Part.TRAIN ? null : new Generator(policy);
        AdamW adam = part == Part.ROLLOUT ? null : new AdamW(policy, AdamW.Settings.DEFAULT)) {
      int warm = 0;
      for (double spent = 0; warm == 0 || spent < WARM_UP_SECONDS; warm++) spent += Arrays.stream(step(policy, generator, adam, warm)).sum();
      listener.accept(0);
      for (int step = 1; step <= work.steps(); step++) {
        seconds.add(step(policy, generator, adam, warm + step));
        listener.accept(step);
      }
      double peakResident = Machine.peakResidentMb(); // before the block that measures the bandwidth
      Machine machine = Machine.measure(work.dtype(), work.device(), policy.parameters() * work.dtype().computeBytes());
      return result(config, policy.parameters(), seconds, machine, peakResident);
    }
  }

  /** Seconds of sampling and of training. */
  private double[] step(Policy policy, @Nullable Generator generator, @Nullable AdamW adam, int step) {
    List<Request> requests = requests(step);
    long start = System.nanoTime();
    List<int[]> answers = generator == null ? random(step) : sampled(generator, requests, step);
    long sampled = System.nanoTime();
    if (adam != null) train(policy, adam, requests, answers, step);
    Machine.finish(work.device());
    long trained = System.nanoTime();
    return new double[] {(sampled - start) / 1e9, (trained - sampled) / 1e9};
  }

  private List<Request> requests(int step) {
    var random = new SplittableRandom(SEED * 1000 + step);
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < work.prompts(); i++) requests.add(Request.of(i, tokens(random, work.promptLength()), work.group(), work.maxNew()));
    return requests;
  }

  private int[] tokens(SplittableRandom random, int count) {
    return random.ints(count, 0, work.shape().config(1).vocabSize()).toArray();
  }

  private List<int[]> random(int step) {
    var random = new SplittableRandom(-step);
    List<int[]> answers = new ArrayList<>();
    for (int i = 0; i < work.samples(); i++) answers.add(tokens(random, work.maxNew()));
    return answers;
  }

  private List<int[]> sampled(Generator generator, List<Request> requests, int step) {
    return generator.generate(requests, Sampling.of(1, step, Set.of(), work.numerics()), null).stream().map(Completion::tokens).toList();
  }

  private void train(Policy policy, AdamW adam, List<Request> requests, List<int[]> answers, int step) {
    TokenRows rows = rows(requests, answers);
    if (work.firstPhase()) policy.score(rows, 1);
    policy.backward(rows, 1, gradient(step), null);
    adam.step(1e-5, 1);
  }

  private TokenRows rows(List<Request> requests, List<int[]> answers) {
    int[][] tokens = new int[answers.size()][];
    boolean[][] trained = new boolean[answers.size()][];
    for (int s = 0; s < tokens.length; s++) {
      int[] prompt = requests.get(s / work.group()).prompt();
      tokens[s] = Arrays.copyOf(prompt, prompt.length + work.maxNew());
      System.arraycopy(answers.get(s), 0, tokens[s], prompt.length, work.maxNew());
      trained[s] = new boolean[tokens[s].length];
      Arrays.fill(trained[s], prompt.length, tokens[s].length, true);
    }
    return new TokenRows(tokens, trained);
  }

  /** −A / T per token, from random rewards. */
  private double[] gradient(int step) {
    var random = new SplittableRandom(31 * step + 1);
    double[] dlogp = new double[Math.toIntExact(work.tokens())];
    for (int group = 0; group < work.prompts(); group++) {
      double[] rewards = random.doubles(work.group()).toArray();
      double mean = Arrays.stream(rewards).average().orElseThrow();
      double deviation = Math.sqrt(Arrays.stream(rewards).map(r -> (r - mean) * (r - mean)).sum() / (work.group() - 1));
      for (int i = 0; i < work.group(); i++) {
        int from = (group * work.group() + i) * work.maxNew();
        Arrays.fill(dlogp, from, from + work.maxNew(), -(rewards[i] - mean) / deviation / work.tokens());
      }
    }
    return dlogp;
  }

  private StepResult result(ModelConfig config, long params, List<double[]> seconds, Machine machine, double peakResident) {
    double sample = median(seconds.stream().map(s -> s[0]).toList());
    double train = median(seconds.stream().map(s -> s[1]).toList());
    double whole = switch (part) {
      case ROLLOUT -> sample;
      case TRAIN -> train;
      case STEP -> median(seconds.stream().map(s -> s[0] + s[1]).toList());
    };
    boolean samples = part != Part.TRAIN;
    boolean trains = part != Part.ROLLOUT;
    return new StepResult(params, work.tokens(), whole, samples ? sample : null, trains ? train : null,
        samples ? work.tokens() / sample : null, work.tokens() / whole, peakResident, machine.matmulPeakGflops(),
        machine.memoryBandwidthGbs(),
        trains ? Roofline.trainingOperations(config, params, work) / train / (machine.matmulPeakGflops() * 1e9) : null,
        samples ? Roofline.sampling(config, params, work, machine) / sample : null);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    int n = sorted.size();
    return n % 2 == 1 ? sorted.get(n / 2) : (sorted.get(n / 2 - 1) + sorted.get(n / 2)) / 2;
  }
}
