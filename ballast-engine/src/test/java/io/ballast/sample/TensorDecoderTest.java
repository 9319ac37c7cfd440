package io.ballast.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.model.ModelConfig;
import io.ballast.model.Policy;
import io.ballast.model.Routes;
import io.ballast.model.TokenRows;
import io.ballast.tensor.DType;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The decoder for devices, made to run on a CPU. */
class TensorDecoderTest {
  private static final Sampling SAMPLING = Sampling.of(0.9, 42, Set.of(2), Numerics.FAST);

  static List<ModelConfig> configs() {
    return GeneratorTest.configs();
  }

  private static Generator tensors(Policy policy) {
    return new Generator(policy, Limits.DEFAULT, TensorDecoder::new);
  }

  private static int[][] rows(List<Request> requests, List<Completion> done) {
    return done.stream().map(c -> Models.joined(requests.get(c.request()).prompt(), c.tokens())).toArray(int[][]::new);
  }

  /** Answers as rows whose every answer token is trained. */
  private static TokenRows trained(List<Request> requests, List<Completion> done) {
    int[][] rows = rows(requests, done);
    boolean[][] trained = new boolean[rows.length][];
    for (int r = 0; r < rows.length; r++) {
      trained[r] = new boolean[rows[r].length];
      Arrays.fill(trained[r], rows[r].length - done.get(r).tokens().length, rows[r].length, true);
    }
    return new TokenRows(rows, trained, done.stream().map(Completion::routes).toArray(Routes[]::new));
  }

  private static double[] logp(List<Completion> done) {
    return done.stream().flatMapToDouble(c -> IntStream.range(0, c.logp().length).mapToDouble(t -> c.logp()[t])).toArray();
  }

  private static void assertAlike(List<Completion> actual, List<Completion> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i).tokens()).as("sample %d", i).isEqualTo(expected.get(i).tokens());
      assertThat(actual.get(i).finish()).isEqualTo(expected.get(i).finish());
      assertThat(actual.get(i).routes()).isEqualTo(expected.get(i).routes());
    }
    assertThat(logp(actual)).containsExactly(logp(expected), within(1e-5));
  }

  @ParameterizedTest @MethodSource("configs") void samples_are_those_of_the_array_decoder_and_log_probabilities_within_1e_5(ModelConfig config) {
    List<Request> requests = Models.requests(5, 3, 40);
    try (Policy policy = Models.policy(config, DType.FP32); Generator arrays = new Generator(policy); Generator tensors = tensors(policy)) {
      List<Completion> done = tensors.generate(requests, SAMPLING, null);
      assertAlike(done, arrays.generate(requests, SAMPLING, null));
      TokenRows rows = trained(requests, done);
      assertThat(logp(done)).containsExactly(policy.score(rows, 0.9).logp(), within(1e-5));
      assertThat(tensors.score(rows, 0.9, Numerics.FAST).logp()).containsExactly(policy.score(rows, 0.9).logp(), within(1e-5));
      assertThat(tensors.score(rows, 0.9, Numerics.FAST).entropy()).containsExactly(policy.score(rows, 0.9).entropy(), within(1e-5));
    }
  }

  @ParameterizedTest @MethodSource("configs") void chunks_of_prompts_and_waiting_samples_change_nothing(ModelConfig config) {
    List<Request> requests = Models.requests(6, 4, 30);
    try (Policy policy = Models.policy(config, DType.FP32); Generator wide = tensors(policy);
        Generator narrow = new Generator(policy, new Limits(3, 5, 1 << 20), TensorDecoder::new)) {
      assertAlike(narrow.generate(requests, SAMPLING, null), wide.generate(requests, SAMPLING, null));
    }
  }

  @ParameterizedTest @MethodSource("configs") void a_sample_taken_up_again_ends_like_one_never_stopped(ModelConfig config) {
    List<Request> requests = Models.requests(4, 3, 60);
    try (Policy policy = Models.policy(config, DType.FP32); Generator generator = tensors(policy)) {
      List<Completion> whole = generator.generate(requests, SAMPLING, null);
      int[] steps = {0};
      List<Completion> first = generator.generate(requests, SAMPLING, (_, _, _) -> ++steps[0] < 11);
      assertThat(first).anyMatch(c -> c.finish() == Finish.INTERRUPTED);
      for (int i = 0; i < first.size(); i++) {
        Completion c = first.get(i);
        if (c.finish() != Finish.INTERRUPTED) continue;
        Request r = requests.get(c.request());
        Request rest = new Request(r.key(), r.prompt(), 1, c.sample(), r.maxNew(), List.of(c.tokens()));
        assertThat(Models.joined(c.tokens(), generator.generate(List.of(rest), SAMPLING, null).getFirst().tokens())).isEqualTo(whole.get(i).tokens());
      }
    }
  }

  @Test void the_same_call_gives_the_same_bits_and_weights_are_those_at_its_time() {
    List<Request> requests = Models.requests(3, 4, 30);
    for (DType dtype : List.of(DType.FP32, DType.BF16)) {
      try (Policy policy = Models.policy(Models.qwen2(), dtype); Generator generator = tensors(policy)) {
        double[] before = logp(generator.generate(requests, SAMPLING, null));
        assertThat(logp(generator.generate(requests, SAMPLING, null))).isEqualTo(before);
        Models.learn(policy, 11);
        double[] after = logp(generator.generate(requests, SAMPLING, null));
        assertThat(after).isNotEqualTo(before);
        try (Generator fresh = tensors(policy)) {
          assertThat(logp(fresh.generate(requests, SAMPLING, null))).isEqualTo(after);
        }
      }
    }
  }

  @Test void recorded_experts_are_followed() {
    List<Request> requests = Models.requests(4, 2, 20);
    try (Policy policy = Models.policy(Models.mixture(), DType.FP32); Policy other = policy.copy(); Generator generator = tensors(policy);
        Generator tensors = tensors(other)) {
      TokenRows rows = trained(requests, generator.generate(requests, SAMPLING, null));
      Models.learn(other, 11);
      assertThat(tensors.score(rows, 1, Numerics.FAST).logp()).containsExactly(other.score(rows, 1).logp(), within(1e-5));
      assertThat(tensors.score(rows.unrouted(), 1, Numerics.FAST).logp()).isNotEqualTo(tensors.score(rows, 1, Numerics.FAST).logp());
    }
  }

  @ParameterizedTest @MethodSource("configs") void bf16_stays_within_its_rounding_of_the_training_path(ModelConfig config) {
    List<Request> requests = Models.requests(5, 3, 40);
    try (Policy policy = Models.policy(config, DType.BF16); Generator generator = tensors(policy)) {
      List<Completion> done = generator.generate(requests, SAMPLING, null);
      double[] scored = policy.score(trained(requests, done), 0.9).logp(), sampled = logp(done);
      double mean = IntStream.range(0, scored.length).mapToDouble(i -> sampled[i] - scored[i]).average().orElse(0);
      assertThat(sampled).containsExactly(scored, within(0.15));
      assertThat(mean).isCloseTo(0, within(0.02));
    }
  }

  @Test void the_exact_engine_is_refused_by_name() {
    try (Policy policy = Models.policy(Models.qwen2(), DType.FP32); Generator generator = tensors(policy)) {
      assertThatThrownBy(() -> generator.generate(Models.requests(1, 1, 3), Sampling.greedy(Set.of(), Numerics.EXACT), null)).hasMessage(
          "the exact engine computes on a CPU only, and the policy is on cpu; sample with the fast engine or use device cpu");
    }
  }

  @Test void memory_held_and_resident_stays_flat() throws IOException {
    for (ModelConfig config : List.of(Models.qwen2(), Models.mixture())) {
      try (Policy policy = Models.policy(config, DType.FP32)) {
        try (Generator generator = tensors(policy)) {
          for (int i = 0; i < 45; i++) MemoryTest.generate(generator, i);
          long held = generator.bytes();
          assertThat(MemoryTest.leastGrowth(15, i -> MemoryTest.generate(generator, i))).isLessThan(32);
          assertThat(generator.bytes()).isEqualTo(held);
        }
        assertThat(MemoryTest.leastGrowth(6, i -> {
          try (Generator generator = new Generator(policy, new Limits(64, 64, 1 << 24), TensorDecoder::new)) {
            MemoryTest.generate(generator, i);
          }
        })).isLessThan(32);
      }
    }
  }
}
