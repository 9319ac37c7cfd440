package io.ballast.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.model.AdamW;
import io.ballast.model.ModelConfig;
import io.ballast.model.Policy;
import io.ballast.model.Scores;
import io.ballast.model.TokenRows;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class GeneratorTest {
  static List<ModelConfig> configs() {
    return List.of(Models.qwen2(), Models.qwen3(), Models.allWindows(Models.qwen2(), 5), Models.gemma2(), Models.mixture());
  }

  private static Sampling sampling(Numerics numerics) {
    return Sampling.of(0.9, 42, Set.of(2), numerics);
  }

  /** ln π and entropy of every answer token as training computes it. */
  private static Scores scored(Policy policy, int[] prompt, int[] answer, double temperature) {
    int[] row = Models.joined(prompt, answer);
    boolean[] trained = new boolean[row.length];
    Arrays.fill(trained, prompt.length, row.length, true);
    return policy.score(new TokenRows(new int[][] {row}, new boolean[][] {trained}), temperature);
  }

  /** ln π of every token of the vocabulary after these. */
  private static double[] next(Policy policy, int[] before) {
    int[][] rows = IntStream.range(0, Models.VOCABULARY).mapToObj(v -> Models.joined(before, new int[] {v})).toArray(int[][]::new);
    boolean[][] trained = new boolean[rows.length][before.length + 1];
    for (boolean[] row : trained) row[before.length] = true;
    return policy.score(new TokenRows(rows, trained), 1).logp();
  }

  private static double largestDifference(float[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i])).max().orElse(0);
  }

  @ParameterizedTest @MethodSource("configs")
  void a_frozen_policy_scores_and_samples_the_bits_of_one_that_can_be_trained(ModelConfig config, @TempDir Path dir) throws IOException {
    List<Request> requests = Models.requests(4, 2, 20);
    try (Policy policy = Models.policy(config, DType.FP32)) {
      policy.save(dir, DType.BF16);
    }
    for (DType dtype : List.of(DType.BF16, DType.FP32)) {
      try (Policy trained = Policy.load(dir, Device.CPU, dtype); Policy frozen = Policy.frozen(dir, Device.CPU, dtype);
          Generator first = new Generator(trained); Generator second = new Generator(frozen)) {
        List<Completion> done = first.generate(requests, sampling(Numerics.FAST), null);
        assertThat(second.generate(requests, sampling(Numerics.FAST), null)).usingRecursiveComparison().isEqualTo(done);
        int[][] rows = done.stream().map(c -> Models.joined(requests.get(c.request()).prompt(), c.tokens())).toArray(int[][]::new);
        TokenRows scored = TokenRows.all(rows);
        assertThat(frozen.score(scored, 1)).usingRecursiveComparison().isEqualTo(trained.score(scored, 1));
        if (dtype == DType.BF16) {
          assertThatThrownBy(() -> new AdamW(frozen, AdamW.Settings.DEFAULT)).hasMessageContaining("load it with Policy.load to train it");
        }
      }
    }
  }

  @ParameterizedTest @MethodSource("configs") void log_probabilities_and_entropies_are_those_training_computes_within_1e_5(ModelConfig config) {
    assertAgreement(config, 5, 3, 1e-5);
  }

  /** Until some have ended products come from panels. Among four times the tokens the farthest is a little farther. */
  @ParameterizedTest @MethodSource("configs") void so_they_are_with_fifty_answers_at_once(ModelConfig config) {
    assertAgreement(config, 13, 4, 2e-5);
  }

  private static void assertAgreement(ModelConfig config, int prompts, int samples, double tolerance) {
    List<Request> requests = Models.requests(prompts, samples, 40);
    try (Policy policy = Models.policy(config, DType.FP32); Generator generator = new Generator(policy)) {
      for (Numerics numerics : Numerics.values()) {
        List<Completion> done = generator.generate(requests, sampling(numerics), null);
        assertThat(done).hasSize(prompts * samples);
        for (Completion c : done) {
          Scores scored = scored(policy, requests.get(c.request()).prompt(), c.tokens(), 0.9);
          assertThat(largestDifference(c.logp(), scored.logp())).isLessThan(tolerance);
          assertThat(largestDifference(c.entropy(), scored.entropy())).isLessThan(tolerance);
        }
      }
    }
  }

  @Test void greedy_takes_the_most_probable_token_of_the_training_path() {
    List<Request> requests = Models.requests(3, 1, 12);
    try (Policy policy = Models.policy(Models.qwen3(), DType.FP32); Generator generator = new Generator(policy)) {
      for (Completion c : generator.generate(requests, Sampling.greedy(Set.of(), Numerics.FAST), null)) {
        int[] prompt = requests.get(c.request()).prompt();
        for (int t = 0; t < c.tokens().length; t++) {
          int[] before = Models.joined(prompt, Arrays.copyOf(c.tokens(), t));
          double[] all = next(policy, before);
          assertThat(all[c.tokens()[t]]).isEqualTo(Arrays.stream(all).max().orElseThrow());
          assertThat((double) c.logp()[t]).isCloseTo(all[c.tokens()[t]], within(1e-5));
        }
      }
    }
  }

  @ParameterizedTest @MethodSource("configs") void an_exact_sample_does_not_depend_on_what_else_is_in_the_batch(ModelConfig config) {
    List<Request> requests = Models.requests(6, 4, 50);
    try (Policy policy = Models.policy(config, DType.FP32); Generator wide = new Generator(policy);
        Generator narrow = new Generator(policy, new Limits(3, 5, 1 << 20))) {
      List<Completion> together = wide.generate(requests, sampling(Numerics.EXACT), null);
      assertSame(narrow.generate(requests, sampling(Numerics.EXACT), null), together);
      List<Completion> alone = new ArrayList<>();
      for (Request r : requests) {
        for (int sample = 0; sample < 4; sample++) {
          Request one = new Request(r.key(), r.prompt(), 1, sample, r.maxNew(), List.of());
          alone.addAll(wide.generate(List.of(one), sampling(Numerics.EXACT), null));
        }
      }
      for (int i = 0; i < alone.size(); i++) {
        assertThat(alone.get(i).tokens()).isEqualTo(together.get(i).tokens());
        assertThat(alone.get(i).logp()).isEqualTo(together.get(i).logp());
      }
    }
  }

  /** The tested invariant of one engine: what is scored for training is what was sampled, to the bit. */
  @ParameterizedTest @MethodSource("configs") void exact_scores_are_the_bits_that_were_sampled(ModelConfig config) {
    List<Request> requests = Models.requests(4, 2, 30);
    for (DType dtype : List.of(DType.FP32, DType.BF16)) {
      try (Policy policy = Models.policy(config, dtype); Generator generator = new Generator(policy);
          Generator other = new Generator(policy, new Limits(3, 7, 1 << 20))) {
        List<Completion> done = generator.generate(requests, sampling(Numerics.EXACT), null);
        int[][] tokens = new int[done.size()][];
        boolean[][] trained = new boolean[done.size()][];
        List<Double> sampled = new ArrayList<>();
        for (int i = 0; i < tokens.length; i++) {
          int[] prompt = requests.get(done.get(i).request()).prompt();
          tokens[i] = Models.joined(prompt, done.get(i).tokens());
          trained[i] = new boolean[tokens[i].length];
          Arrays.fill(trained[i], prompt.length, trained[i].length, true);
          for (float logp : done.get(i).logp()) sampled.add((double) logp);
        }
        TokenRows rows = new TokenRows(tokens, trained);
        double[] expected = sampled.stream().mapToDouble(Double::doubleValue).toArray();
        assertThat(generator.score(rows, 0.9, Numerics.EXACT).logp()).isEqualTo(expected);
        assertThat(other.score(rows, 0.9, Numerics.EXACT).logp()).isEqualTo(expected);
        if (dtype == DType.FP32) {
          assertThat(other.score(rows, 0.9, Numerics.EXACT).entropy())
              .containsExactly(policy.score(rows, 0.9).entropy(), within(1e-5));
        }
      }
    }
  }

  private static void assertSame(List<Completion> actual, List<Completion> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).sample()).isEqualTo(expected.get(i).sample());
      assertThat(actual.get(i).tokens()).isEqualTo(expected.get(i).tokens());
      assertThat(actual.get(i).logp()).isEqualTo(expected.get(i).logp());
      assertThat(actual.get(i).finish()).isEqualTo(expected.get(i).finish());
    }
  }

  @ParameterizedTest @EnumSource(Numerics.class) void the_same_call_gives_the_same_bits(Numerics numerics) {
    List<Request> requests = Models.requests(4, 5, 30);
    try (Policy policy = Models.policy(Models.qwen2(), DType.FP32); Generator generator = new Generator(policy)) {
      assertSame(generator.generate(requests, sampling(numerics), null), generator.generate(requests, sampling(numerics), null));
    }
  }

  @ParameterizedTest @EnumSource(Numerics.class) void a_sample_taken_up_again_ends_like_one_never_stopped(Numerics numerics) {
    for (ModelConfig config : List.of(Models.qwen3(), Models.gemma2(), Models.mixture())) takenUpAgain(config, numerics);
  }

  private static void takenUpAgain(ModelConfig config, Numerics numerics) {
    List<Request> requests = Models.requests(4, 3, 60);
    try (Policy policy = Models.policy(config, DType.FP32); Generator generator = new Generator(policy)) {
      List<Completion> whole = generator.generate(requests, sampling(numerics), null);
      int[] steps = {0};
      List<Completion> first = generator.generate(requests, sampling(numerics), (tokens, finished, samples) -> ++steps[0] < 11);
      assertThat(first).anyMatch(c -> c.finish() == Finish.INTERRUPTED);
      for (int i = 0; i < first.size(); i++) {
        if (first.get(i).finish() != Finish.INTERRUPTED) continue;
        Request r = requests.get(first.get(i).request());
        Request rest = new Request(r.key(), r.prompt(), 1, first.get(i).sample(), r.maxNew(), List.of(first.get(i).tokens()));
        Completion second = generator.generate(List.of(rest), sampling(numerics), null).get(0);
        assertThat(Models.joined(first.get(i).tokens(), second.tokens())).isEqualTo(whole.get(i).tokens());
        assertThat(second.finish()).isEqualTo(whole.get(i).finish());
        if (numerics == Numerics.EXACT) {
          int begun = first.get(i).tokens().length;
          assertThat(second.logp()).isEqualTo(Arrays.copyOfRange(whole.get(i).logp(), begun, whole.get(i).logp().length));
        }
      }
    }
  }

  @Test void weights_are_those_of_the_policy_at_the_time_of_the_call() {
    List<Request> requests = Models.requests(2, 2, 20);
    for (DType dtype : List.of(DType.FP32, DType.BF16)) {
      try (Policy policy = Models.policy(Models.qwen2(), dtype); Generator generator = new Generator(policy)) {
        List<Completion> before = generator.generate(requests, sampling(Numerics.FAST), null);
        Models.learn(policy, 11);
        List<Completion> after = generator.generate(requests, sampling(Numerics.FAST), null);
        assertThat(after.get(0).logp()).isNotEqualTo(before.get(0).logp());
        try (Generator fresh = new Generator(policy)) {
          assertSame(fresh.generate(requests, sampling(Numerics.FAST), null), after);
        }
      }
    }
  }

  @Test void bf16_stays_within_its_rounding_of_the_training_path() {
    List<Request> requests = Models.requests(5, 3, 40);
    try (Policy policy = Models.policy(Models.qwen2(), DType.BF16); Generator generator = new Generator(policy)) {
      for (Numerics numerics : Numerics.values()) {
        for (Completion c : generator.generate(requests, sampling(numerics), null)) {
          double[] scored = scored(policy, requests.get(c.request()).prompt(), c.tokens(), 0.9).logp();
          assertThat(largestDifference(c.logp(), scored)).isLessThan(0.1);
          double mean = IntStream.range(0, scored.length).mapToDouble(i -> c.logp()[i] - scored[i]).average().orElse(0);
          assertThat(mean).isCloseTo(0, within(0.02));
        }
      }
    }
  }

  /** The panels of a model beyond what is kept between calls lie in the gradients' memory: neither may see the other's numbers. */
  @ParameterizedTest @EnumSource(value = DType.class, names = {"FP32", "BF16"})
  void sampling_and_training_share_memory_without_a_trace(DType dtype) {
    ModelConfig config = ModelConfig.dense(io.ballast.model.Architecture.LLAMA, Models.VOCABULARY, 1024, 4096, dtype == DType.BF16 ? 5 : 3, 8, 2, true, 64, 1, List.of(2));
    List<Request> requests = Models.requests(2, 8, 3);
    TokenRows rows = TokenRows.all(new int[][] {{1, 5, 7, 9, 2}, {4, 4, 8}});
    double[] dlogp = {1, -0.5, 0.25, 1, -1, 0.5};
    try (Policy alone = Policy.random(config, 3, Device.CPU, dtype); Policy policy = Policy.random(config, 3, Device.CPU, dtype);
        Generator generator = new Generator(alone); Generator shared = new Generator(policy)) {
      List<Completion> expected = generator.generate(requests, sampling(Numerics.FAST), null);
      alone.backward(rows, 1, dlogp, null);
      policy.clearGradients();
      double[] zeros = policy.gradient("model.norm.weight");
      assertThat(shared.generate(requests, sampling(Numerics.FAST), null)).usingRecursiveComparison().isEqualTo(expected);
      assertThat(policy.gradient("model.norm.weight")).isEqualTo(zeros);
      assertThat(shared.generate(requests, sampling(Numerics.FAST), null)).usingRecursiveComparison().isEqualTo(expected);
      policy.backward(rows, 1, dlogp, null);
      // Sums are nobody's memory.
      assertThat(shared.generate(requests, sampling(Numerics.FAST), null)).usingRecursiveComparison().isEqualTo(expected);
      for (String tensor : List.of("model.embed_tokens.weight", "model.norm.weight", "model.layers.2.mlp.down_proj.weight")) {
        assertThat(policy.gradient(tensor)).isEqualTo(alone.gradient(tensor));
      }
    }
  }

  @Test void a_stop_token_ends_an_answer_and_is_its_last_token() {
    List<Request> requests = Models.requests(4, 8, 60);
    try (Policy policy = Models.policy(Models.qwen2(), DType.FP32); Generator generator = new Generator(policy)) {
      List<Completion> done = generator.generate(requests, sampling(Numerics.FAST), null);
      assertThat(done).anyMatch(c -> c.finish() == Finish.STOP);
      for (Completion c : done) {
        int last = c.tokens().length - 1;
        assertThat(Arrays.stream(c.tokens(), 0, last).noneMatch(token -> token == 2)).isTrue();
        assertThat(c.finish()).isEqualTo(c.tokens()[last] == 2 ? Finish.STOP : Finish.LENGTH);
        if (c.finish() == Finish.LENGTH) assertThat(c.tokens()).hasSize(60);
      }
    }
  }

  @Test void what_cannot_be_done_is_refused_by_name() {
    try (Policy policy = Models.policy(Models.qwen2(), DType.FP32); Generator generator = new Generator(policy)) {
      assertThatThrownBy(() -> generator.generate(List.of(Request.of(1, new int[] {3, 29}, 1, 4)), sampling(Numerics.FAST), null))
          .hasMessage("request 0: prompt, position 1: token id 29 is outside the vocabulary of 29");
      assertThatThrownBy(() -> generator.generate(List.of(Request.of(1, new int[590], 1, 20)), sampling(Numerics.FAST), null))
          .hasMessageContaining("590").hasMessageContaining("max_position_embeddings 600");
      generator.close();
      assertThatThrownBy(() -> generator.generate(List.of(), sampling(Numerics.FAST), null)).hasMessageContaining("closed");
    }
  }
}
