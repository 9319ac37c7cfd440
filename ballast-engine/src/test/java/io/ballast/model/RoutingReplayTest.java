package io.ballast.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.sample.Completion;
import io.ballast.sample.Generator;
import io.ballast.sample.Numerics;
import io.ballast.sample.Request;
import io.ballast.sample.Sampling;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Experts as they were when the tokens were sampled. The routers get two experts that are all but equally probable, so that the least
 * difference between sampling and training decides between them and sends tokens elsewhere.
 */
class RoutingReplayTest {
  private static final double TEMPERATURE = 0.9;

  private static Policy mixture() throws Exception {
    return Policy.load(Path.of("src/test/resources/parity/qwen3-moe"), Device.CPU, DType.FP32);
  }

  /** Moves the second expert's row of every router to the first's and beyond by numbers of this size. */
  private static void tie(Policy policy, double size, long seed) {
    Random random = new Random(seed);
    int width = policy.config().hiddenSize();
    for (int layer = 0; layer < policy.config().layers(); layer++) {
      String router = "model.layers.%d.mlp.gate.weight".formatted(layer);
      double[] weight = policy.weight(router);
      for (int i = 0; i < width; i++) policy.nudge(router, width + i, weight[i] - weight[width + i] + size * random.nextGaussian());
    }
  }

  private static List<Completion> sampled(Generator generator, int[] prompt, Numerics numerics) {
    return generator.generate(List.of(Request.of(1, prompt, 8, 40)), new Sampling(TEMPERATURE, 0, 1, 0, false, 3, Set.of(), numerics), null);
  }

  private static TokenRows rows(int[] prompt, List<Completion> done) {
    int[][] tokens = new int[done.size()][];
    boolean[][] trained = new boolean[done.size()][];
    Routes[] routes = new Routes[done.size()];
    for (int i = 0; i < tokens.length; i++) {
      int[] answer = done.get(i).tokens();
      tokens[i] = Arrays.copyOf(prompt, prompt.length + answer.length);
      System.arraycopy(answer, 0, tokens[i], prompt.length, answer.length);
      trained[i] = new boolean[tokens[i].length];
      Arrays.fill(trained[i], prompt.length, trained[i].length, true);
      routes[i] = done.get(i).routes();
    }
    return new TokenRows(tokens, trained, routes);
  }

  private static double[] logp(List<Completion> done) {
    return done.stream().flatMapToDouble(c -> java.util.stream.IntStream.range(0, c.logp().length).mapToDouble(t -> c.logp()[t])).toArray();
  }

  private static double farthest(double[] a, double[] b) {
    double farthest = 0;
    for (int i = 0; i < a.length; i++) farthest = Math.max(farthest, Math.abs(Math.expm1(a[i] - b[i])));
    return farthest;
  }

  @Test void with_replay_the_ratio_on_fresh_data_is_1_though_the_router_was_perturbed() throws Exception {
    int[] prompt = {5, 3, 17, 40};
    try (Policy policy = mixture(); Generator generator = new Generator(policy)) {
      tie(policy, 1e-7, 1);
      List<Completion> done = sampled(generator, prompt, Numerics.FAST);
      TokenRows rows = rows(prompt, done);
      tie(policy, 1e-7, 2);
      assertThat(farthest(policy.score(rows, TEMPERATURE).logp(), logp(done))).isLessThan(1e-5);
      assertThat(farthest(policy.score(rows.unrouted(), TEMPERATURE).logp(), logp(done))).isGreaterThan(0.01);
      assertThat(farthest(generator.score(rows, TEMPERATURE, Numerics.FAST).logp(), logp(done))).isLessThan(1e-5);
      assertThat(farthest(generator.score(rows.unrouted(), TEMPERATURE, Numerics.FAST).logp(), logp(done))).isGreaterThan(0.01);
    }
  }

  @Test void following_the_routers_own_choices_changes_no_bit() throws Exception {
    int[] prompt = {5, 3, 17, 40};
    try (Policy policy = mixture(); Generator generator = new Generator(policy)) {
      List<Completion> done = sampled(generator, prompt, Numerics.EXACT);
      TokenRows rows = rows(prompt, done);
      assertThat(generator.score(rows, TEMPERATURE, Numerics.EXACT).logp()).isEqualTo(logp(done));
      assertThat(policy.score(rows, TEMPERATURE).logp()).isEqualTo(policy.score(rows.unrouted(), TEMPERATURE).logp());
    }
  }

  @Test void rows_without_routes_and_positions_beyond_them_are_routed_by_the_router() throws Exception {
    int[][] tokens = {{5, 3, 17, 40, 8, 9}, {5, 3, 17}, {1, 2, 3, 4}};
    boolean[][] trained = TokenRows.all(tokens).trained();
    short[] other = {0, 1, 2, 3, 4, 5, 0, 1};
    try (Policy policy = mixture()) {
      double[] free = policy.score(new TokenRows(tokens, trained), 1).logp();
      Routes begun = new Routes(2, 2, other);
      double[] mixed = policy.score(new TokenRows(tokens, trained, new Routes[] {null, begun, null}), 1).logp();
      for (int i = 0; i < free.length; i++) {
        if (i == 5 || i == 6) assertThat(mixed[i]).isNotCloseTo(free[i], within(1e-3));
        else assertThat(mixed[i]).isCloseTo(free[i], within(1e-5));
      }
      double[] alone = policy.score(new TokenRows(new int[][] {tokens[0]}, new boolean[][] {trained[0]}, new Routes[] {begun}), 1).logp();
      assertThat(alone).hasSize(5).doesNotContain(Double.NaN);
    }
  }

  @Test void routes_that_cannot_be_this_models_are_refused_by_row_and_position() throws Exception {
    int[][] tokens = {{5, 3, 17}};
    boolean[][] trained = TokenRows.all(tokens).trained();
    assertThatThrownBy(() -> new TokenRows(tokens, trained, new Routes[] {new Routes(1, 1, new short[4])}))
        .hasMessage("row 0 has 3 tokens but routes of 4 positions");
    assertThatThrownBy(() -> new TokenRows(tokens, trained, new Routes[0])).hasMessage("1 rows of tokens but 0 of routes");
    try (Policy policy = mixture()) {
      assertThatThrownBy(() -> policy.score(new TokenRows(tokens, trained, new Routes[] {new Routes(2, 2, new short[] {0, 1, 2, 2})}), 1))
          .hasMessageContaining("row 0, position 0: [2, 2]");
    }
    try (Policy dense = Policy.load(Path.of("src/test/resources/parity/qwen3"), Device.CPU, DType.FP32)) {
      assertThatThrownBy(() -> dense.score(new TokenRows(tokens, trained, new Routes[] {new Routes(2, 2, new short[] {0, 1, 2, 3})}), 1))
          .hasMessageContaining("row 0 has routes, the model has no experts");
    }
  }
}
