package io.ballast.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraTest {
  private static final Lora LORA = new Lora(3, 6, List.of("q_proj", "k_proj", "v_proj", "down_proj", "gate_proj"));

  private static void train(Policy policy, AdamW adam, int steps) {
    TokenRows rows = PolicyTest.rows(1, 4, 20);
    for (int i = 0; i < steps; i++) {
      policy.backward(rows, 1, PolicyTest.normals(i, rows.trainedTokens()), null);
      adam.step(1e-2, 1);
    }
  }

  @Test void an_adapter_starts_as_the_model_and_trains_only_what_it_targets(@TempDir Path dir) throws IOException {
    TokenRows rows = PolicyTest.rows(2, 4, 20);
    try (Policy policy = Policy.random(PolicyTest.TINY, 7, Device.CPU, DType.FP32)) {
      double[] before = policy.score(rows, 1).logp();
      policy.attach(LORA, 1);
      assertThat(policy.score(rows, 1).logp()).isEqualTo(before);
      try (AdamW adam = new AdamW(policy, AdamW.Settings.DEFAULT)) {
        train(policy, adam, 5);
      }
      double[] after = policy.score(rows, 1).logp();
      assertThat(after).isNotEqualTo(before);
      policy.save(dir);
      try (Policy merged = Policy.load(dir, Device.CPU, DType.FP32); Policy start = Policy.random(PolicyTest.TINY, 7, Device.CPU, DType.FP32)) {
        assertThat(merged.score(rows, 1).logp()).isEqualTo(after);
        for (String tensor : merged.tensors()) {
          assertThat(java.util.Arrays.equals(merged.weight(tensor), start.weight(tensor))).as(tensor).isEqualTo(!LORA.adapts(tensor));
        }
      }
    }
  }

  @Test void a_saved_adapter_loads_onto_the_base_with_the_same_bits(@TempDir Path dir) throws IOException {
    TokenRows rows = PolicyTest.rows(2, 4, 20);
    try (Policy policy = Policy.random(PolicyTest.TINY, 7, Device.CPU, DType.FP32);
        Policy other = Policy.random(PolicyTest.TINY, 7, Device.CPU, DType.FP32)) {
      policy.attach(LORA, 1);
      try (AdamW adam = new AdamW(policy, AdamW.Settings.DEFAULT)) {
        train(policy, adam, 3);
      }
      policy.saveAdapter(dir, "");
      other.loadAdapter(dir);
      assertThat(other.score(rows, 1).logp()).isEqualTo(policy.score(rows, 1).logp());
      other.merge();
      assertThat(other.score(rows, 1).logp()).isEqualTo(policy.score(rows, 1).logp());
      Files.writeString(dir.resolve("adapter_config.json"),
          Files.readString(dir.resolve("adapter_config.json")).replace("\"use_dora\" : false", "\"use_dora\" : true"));
      assertThatThrownBy(() -> other.loadAdapter(dir)).hasMessageContaining("use_dora = true is not supported");
    }
  }

  /** Central differences in the factors themselves. */
  @Test void the_factors_gradients_are_those_of_the_loss() {
    TokenRows rows = PolicyTest.rows(3, 3, 15);
    double[] dlogp = PolicyTest.normals(5, rows.trainedTokens());
    try (Policy policy = Policy.random(PolicyTest.TINY, 7, Device.CPU, DType.FP64)) {
      policy.attach(LORA, 1);
      try (AdamW adam = new AdamW(policy, AdamW.Settings.DEFAULT)) {
        train(policy, adam, 4); // B is no longer zero
      }
      policy.clearGradients();
      policy.backward(rows, 1, dlogp, null);
      double[] gradient = io.ballast.tensor.Native.toDoubles(policy.trainable().gradients());
      for (int i = 5; i < gradient.length; i += gradient.length / 17) {
        double h = 1e-5;
        double difference = (moved(policy, rows, dlogp, i, h) - moved(policy, rows, dlogp, i, -h)) / (2 * h);
        assertThat(gradient[i]).as("factor element %d", i).isCloseTo(difference, within(1e-6));
      }
    }
  }

  private static double moved(Policy policy, TokenRows rows, double[] dlogp, int index, double by) {
    add(policy, index, by);
    double[] logp = policy.score(rows, 1).logp();
    add(policy, index, -by);
    double loss = 0;
    for (int i = 0; i < logp.length; i++) loss += dlogp[i] * logp[i];
    return loss;
  }

  private static void add(Policy policy, int index, double by) {
    try (var scope = io.ballast.tensor.Scope.open("add")) {
      policy.trainable().weights().narrow(0, index, 1).add_(new org.bytedeco.pytorch.Scalar(by));
    }
    policy.trainable().changed();
  }

  @Test void what_makes_no_sense_is_refused() {
    assertThatThrownBy(() -> new Lora(0, 1, List.of("q_proj"))).hasMessageContaining("rank must be at least 1");
    assertThatThrownBy(() -> new Lora(1, 1, List.of("query"))).hasMessageContaining("target 'query' is unknown; known are [down_proj");
    try (Policy policy = Policy.random(PolicyTest.TINY, 7, Device.CPU, DType.FP32); AdamW adam = new AdamW(policy, AdamW.Settings.DEFAULT)) {
      policy.attach(LORA, 1);
      assertThatThrownBy(() -> adam.step(1e-3, 1)).hasMessageContaining("an adapter was attached");
      assertThatThrownBy(() -> policy.attach(LORA, 1)).hasMessageContaining("already has an adapter");
    }
  }
}
