package io.ballast.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyTest {
  static final ModelConfig TINY =
      ModelConfig.dense(Architecture.QWEN2, 29, 32, 48, 2, 4, 2, true, 600, 1, List.of(2));

  static TokenRows rows(int seed, int count, int longest) {
    Random random = new Random(seed);
    int[][] tokens = new int[count][];
    for (int r = 0; r < count; r++) tokens[r] = random.ints(2 + random.nextInt(longest - 1), 0, 29).toArray();
    return TokenRows.all(tokens);
  }

  static double[] normals(int seed, int count) {
    return new Random(seed).doubles(count, -1, 1).toArray();
  }

  @Test void the_seed_decides_every_weight_and_another_seed_decides_otherwise() {
    TokenRows rows = rows(1, 3, 10);
    try (Policy a = Policy.random(TINY, 7, Device.CPU, DType.FP32); Policy b = Policy.random(TINY, 7, Device.CPU, DType.FP32);
        Policy c = Policy.random(TINY, 8, Device.CPU, DType.FP32)) {
      double[] logp = a.score(rows, 1).logp();
      assertThat(b.score(rows, 1).logp()).isEqualTo(logp);
      assertThat(c.score(rows, 1).logp()).isNotEqualTo(logp);
      assertThat(a.parameters()).isEqualTo(29 * 32 + 2 * (32 + 64 * 32 + 64 + 32 * 32 + 32 + 96 * 32 + 32 * 48) + 32);
    }
  }

  @Test void two_runs_of_the_same_steps_end_with_the_same_bits() {
    assertThat(trained(3)).isEqualTo(trained(3));
  }

  private static double[] trained(int steps) {
    TokenRows rows = rows(2, 6, 40);
    try (Policy policy = Policy.random(TINY, 7, Device.CPU, DType.FP32); AdamW adam = new AdamW(policy, AdamW.Settings.DEFAULT)) {
      for (int i = 0; i < steps; i++) {
        policy.backward(rows, 1, normals(i, rows.trainedTokens()), normals(-i, rows.trainedTokens()));
        adam.step(1e-2, 1);
      }
      return policy.score(rows, 1).logp();
    }
  }

  @Test void supervised_steps_raise_the_likelihood_of_what_they_train_on() {
    TokenRows rows = rows(3, 4, 20);
    double[] dlogp = new double[rows.trainedTokens()];
    Arrays.fill(dlogp, -1.0 / dlogp.length);
    try (Policy policy = Policy.random(TINY, 7, Device.CPU, DType.FP32); AdamW adam = new AdamW(policy, AdamW.Settings.DEFAULT)) {
      double before = Arrays.stream(policy.score(rows, 1).logp()).average().orElseThrow();
      for (int i = 0; i < 60; i++) {
        policy.backward(rows, 1, dlogp, null);
        assertThat(adam.step(1e-2, 1)).isPositive();
      }
      double after = Arrays.stream(policy.score(rows, 1).logp()).average().orElseThrow();
      assertThat(before).isCloseTo(-Math.log(29), within(0.2));
      assertThat(after).isGreaterThan(-1);
    }
  }

  @Test void splitting_into_micro_batches_changes_rounding_alone() {
    TokenRows whole = rows(4, 40, 590);
    try (Policy policy = Policy.random(TINY, 7, Device.CPU, DType.FP32)) {
      double[] together = policy.score(whole, 0.8).logp();
      int at = 0;
      for (int[] row : whole.tokens()) {
        double[] alone = policy.score(TokenRows.all(new int[][] {row}), 0.8).logp();
        assertThat(alone).containsExactly(Arrays.copyOfRange(together, at, at + alone.length), within(1e-5));
        at += alone.length;
      }
    }
  }

  @Test void gradients_of_long_rows_match_central_differences_in_double() {
    TokenRows rows = rows(5, 2, 420);
    double[] dlogp = normals(1, rows.trainedTokens());
    double[] dentropy = normals(2, rows.trainedTokens());
    try (Policy policy = Policy.random(TINY, 7, Device.CPU, DType.FP64)) {
      policy.backward(rows, 0.9, dlogp, dentropy);
      Random random = new Random(11);
      for (String tensor : List.of("model.embed_tokens.weight", "model.layers.0.self_attn.q_proj.weight",
          "model.layers.1.self_attn.k_proj.bias", "model.layers.0.self_attn.v_proj.weight", "model.layers.1.self_attn.o_proj.weight",
          "model.layers.0.mlp.gate_proj.weight", "model.layers.1.mlp.up_proj.weight", "model.layers.0.mlp.down_proj.weight",
          "model.layers.0.input_layernorm.weight", "model.layers.1.post_attention_layernorm.weight", "model.norm.weight")) {
        double[] gradient = policy.gradient(tensor);
        int index = random.nextInt(gradient.length);
        double h = 1e-5;
        policy.nudge(tensor, index, h);
        double above = loss(policy.score(rows, 0.9), dlogp, dentropy);
        policy.nudge(tensor, index, -2 * h);
        double below = loss(policy.score(rows, 0.9), dlogp, dentropy);
        policy.nudge(tensor, index, h);
        double scale = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
        assertThat(gradient[index]).as(tensor).isCloseTo((above - below) / (2 * h), within(1e-6 * Math.max(1, scale)));
      }
    }
  }

  private static double loss(Scores scores, double[] dlogp, double[] dentropy) {
    double loss = 0;
    for (int i = 0; i < dlogp.length; i++) loss += dlogp[i] * scores.logp()[i] + dentropy[i] * scores.entropy()[i];
    return loss;
  }

  @Test void the_divergence_from_another_policy_is_that_of_whole_distributions_and_its_gradient_matches_central_differences() {
    TokenRows rows = rows(12, 3, 30);
    double[] none = new double[rows.trainedTokens()], derivative = normals(5, none.length);
    ModelConfig shape = ModelConfig.dense(Architecture.QWEN3, 29, 32, 48, 2, 4, 2, false, 600, 1, List.of(2));
    try (Policy policy = Policy.random(TINY, 7, Device.CPU, DType.FP64); Policy other = Policy.random(shape, 8, Device.CPU, DType.FP64)) {
      double[] divergence = policy.divergence(rows, 0.9, other);
      assertThat(divergence).containsExactly(summed(rows, policy, other), within(1e-12));
      policy.backward(rows, 0.9, none, null, new Policy.Divergence(other, derivative));
      for (String tensor : List.of("model.embed_tokens.weight", "model.layers.1.self_attn.o_proj.weight", "model.norm.weight")) {
        double gradient = policy.gradient(tensor)[7], h = 1e-5;
        policy.nudge(tensor, 7, h);
        double above = dot(derivative, policy.divergence(rows, 0.9, other));
        policy.nudge(tensor, 7, -2 * h);
        double below = dot(derivative, policy.divergence(rows, 0.9, other));
        policy.nudge(tensor, 7, h);
        assertThat(gradient).as(tensor).isCloseTo((above - below) / (2 * h), within(1e-6 * Math.max(1, Math.abs(gradient))));
      }
    }
  }

  /** Σ_v π_v (ln π_v − ln π°_v) from the log-probabilities of every token of the vocabulary. */
  private static double[] summed(TokenRows rows, Policy policy, Policy other) {
    int vocabulary = policy.config().vocabSize(), count = rows.trainedTokens();
    int[] every = new int[count * vocabulary];
    for (int i = 0; i < every.length; i++) every[i] = i % vocabulary;
    double[] own = policy.logpAt(rows, 0.9, every, vocabulary), others = other.logpAt(rows, 0.9, every, vocabulary), sum = new double[count];
    for (int i = 0; i < every.length; i++) sum[i / vocabulary] += Math.exp(own[i]) * (own[i] - others[i]);
    return sum;
  }

  @Test void a_copy_diverges_by_nothing_and_pulls_nowhere() {
    TokenRows rows = rows(13, 3, 10);
    double[] none = new double[rows.trainedTokens()], ones = new double[none.length];
    Arrays.fill(ones, 1);
    try (Policy policy = Policy.random(TINY, 7, Device.CPU, DType.FP32); Policy copy = policy.copy();
        Policy foreign = Policy.random(ModelConfig.dense(Architecture.QWEN2, 31, 32, 48, 2, 4, 2, true, 600, 1, List.of(2)), 8, Device.CPU, DType.FP32)) {
      assertThat(policy.divergence(rows, 1, copy)).containsOnly(0);
      policy.backward(rows, 1, none, null, new Policy.Divergence(copy, ones));
      assertThat(policy.gradient("model.norm.weight")).containsOnly(0);
      assertThatThrownBy(() -> policy.divergence(rows, 1, policy)).hasMessage("a policy's divergence is measured from another policy; take a copy()");
      assertThatThrownBy(() -> policy.divergence(rows, 1, foreign)).hasMessage("distributions over 29 tokens cannot be compared with distributions over 31");
    }
  }

  @Test void a_saved_policy_and_optimizer_go_on_bit_for_bit(@TempDir Path dir) throws IOException {
    TokenRows rows = rows(6, 5, 30);
    double[] dlogp = normals(3, rows.trainedTokens());
    var settings = new AdamW.Settings(0.9, 0.95, 1e-8, 0.1);
    try (Policy policy = Policy.random(TINY, 7, Device.CPU, DType.FP32); AdamW adam = new AdamW(policy, settings)) {
      policy.backward(rows, 1, dlogp, null);
      adam.step(1e-2, 1);
      policy.save(dir);
      adam.save(dir.resolve("optimizer.safetensors"));
      try (Policy other = Policy.load(dir, Device.CPU, DType.FP32); AdamW second = new AdamW(other, settings)) {
        second.load(dir.resolve("optimizer.safetensors"));
        assertThat(other.config()).isEqualTo(policy.config());
        for (Policy each : List.of(policy, other)) each.backward(rows, 1, dlogp, null);
        assertThat(second.step(1e-2, 0)).isEqualTo(adam.step(1e-2, 0));
        assertThat(other.score(rows, 1)).usingRecursiveComparison().isEqualTo(policy.score(rows, 1));
        assertThat(second.steps()).isEqualTo(2);
      }
    }
    try (var files = Files.list(dir)) {
      assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder(
          "config.json", "generation_config.json", "model.safetensors", "optimizer.safetensors");
    }
  }

  @Test void bf16_products_give_gradients_in_the_direction_of_the_exact_ones() {
    TokenRows rows = rows(9, 6, 40);
    double[] dlogp = normals(4, rows.trainedTokens());
    for (ModelConfig config : List.of(TINY, ModelConfig.dense(Architecture.QWEN3, 29, 32, 48, 2, 4, 2, false, 600, 1, List.of(2)))) {
      try (Policy exact = Policy.random(config, 7, Device.CPU, DType.FP64); Policy narrow = Policy.random(config, 7, Device.CPU, DType.BF16)) {
        assertThat(narrow.score(rows, 1).logp()).containsExactly(exact.score(rows, 1).logp(), within(0.05));
        for (Policy policy : List.of(exact, narrow)) policy.backward(rows, 1, dlogp, null);
        for (String tensor : exact.tensors()) {
          double[] a = exact.gradient(tensor);
          double[] b = narrow.gradient(tensor);
          double size = dot(a, a);
          // The keys' bias has no gradient but rounding: it moves all scores of a query alike.
          if (tensor.endsWith("k_proj.bias")) continue;
          assertThat(dot(a, b) / Math.sqrt(size * dot(b, b))).as("cosine, " + tensor).isGreaterThan(0.99);
          assertThat(Math.sqrt(dot(b, b) / size)).as("length, " + tensor).isCloseTo(1, within(0.05));
        }
      }
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  }

  @Test void copies_are_independent_and_averages_lie_between() {
    TokenRows rows = rows(7, 3, 10);
    try (Policy policy = Policy.random(TINY, 7, Device.CPU, DType.FP32); Policy copy = policy.copy();
        Policy other = Policy.random(TINY, 8, Device.CPU, DType.FP32)) {
      double[] before = policy.score(rows, 1).logp();
      copy.lerp(other, 0.5);
      assertThat(policy.score(rows, 1).logp()).isEqualTo(before);
      assertThat(copy.score(rows, 1).logp()).isNotEqualTo(before);
      copy.copyFrom(policy);
      assertThat(copy.score(rows, 1).logp()).isEqualTo(before);
    }
  }

  @Test void a_gradient_that_is_not_finite_is_named_and_leaves_the_weights_alone() {
    TokenRows rows = rows(8, 3, 10);
    try (Policy policy = Policy.random(TINY, 7, Device.CPU, DType.FP32); AdamW adam = new AdamW(policy, AdamW.Settings.DEFAULT)) {
      double[] before = policy.score(rows, 1).logp();
      double[] huge = new double[rows.trainedTokens()];
      Arrays.fill(huge, 1e300);
      policy.backward(rows, 1, huge, null);
      assertThatThrownBy(() -> adam.step(1e-3, 1)).isInstanceOf(ArithmeticException.class)
          .hasMessageStartingWith("the gradient of model.embed_tokens.weight is not finite");
      assertThat(policy.score(rows, 1).logp()).isEqualTo(before);
      assertThat(adam.step(1e-3, 1)).isZero();
    }
  }

  @Test void gradients_are_lent_only_while_they_are_zero() {
    TokenRows rows = rows(1, 3, 10);
    double[] ones = new double[rows.trainedTokens()];
    Arrays.fill(ones, 1);
    try (Policy policy = Policy.random(TINY, 7, Device.CPU, DType.FP32); AdamW adam = new AdamW(policy, AdamW.Settings.DEFAULT)) {
      assertThat(policy.lend()).as("before there are any").isNull();
      policy.backward(rows, 1, ones, null);
      double[] expected = policy.gradient("model.norm.weight");
      assertThat(policy.lend()).as("sums").isNull();
      policy.clearGradients();
      policy.lend().fill_(new org.bytedeco.pytorch.Scalar(7.0));
      assertThat(policy.lend()).as("lent already").isNull();
      assertThatThrownBy(() -> policy.backward(rows, 1, ones, null)).isInstanceOf(IllegalStateException.class).hasMessageContaining("is sampling");
      policy.takeBack();
      policy.backward(rows, 1, ones, null);
      assertThat(policy.gradient("model.norm.weight")).isEqualTo(expected);
      adam.step(0.1, 1);
      assertThat(policy.lend()).as("used up").isNotNull();
      policy.takeBack();
    }
  }

  @Test void what_cannot_be_scored_is_refused_by_row_and_position() {
    try (Policy policy = Policy.random(TINY, 7, Device.CPU, DType.FP32)) {
      assertThatThrownBy(() -> policy.score(TokenRows.all(new int[][] {{1, 2}, {3, 29}}), 1))
          .hasMessage("row 1, position 1: token id 29 is outside the vocabulary of 29");
      assertThatThrownBy(() -> policy.score(TokenRows.all(new int[][] {new int[601]}), 1))
          .hasMessage("row 0 has 601 tokens; max_position_embeddings is 600");
      assertThatThrownBy(() -> policy.score(TokenRows.all(new int[][] {{1, 2}}), 0)).hasMessageContaining("temperature");
      assertThatThrownBy(() -> policy.backward(TokenRows.all(new int[][] {{1, 2}}), 1, new double[] {Double.NaN}, null))
          .hasMessageContaining("trained token 0 has dlogp NaN");
      assertThatThrownBy(() -> TokenRows.all(new int[][] {{1}, {}})).hasMessage("row 1 is empty");
    }
  }
}
