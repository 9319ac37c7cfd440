package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@code probe} computes, and how it says no. */
class ProbeTest {

  private static Map<String, Object> sequence(Object... fields) {
    Map<String, Object> sequence = new HashMap<>(Map.of("logp", List.of(-0.5, -0.7), "oldLogp", List.of(-0.5, -0.7), "advantage", 1));
    for (int i = 0; i < fields.length; i += 2) {
      if (fields[i + 1] == null) sequence.remove(fields[i]);
      else sequence.put((String) fields[i], fields[i + 1]);
    }
    return sequence;
  }

  private static Map<String, Object> probe(String method, Map<String, Object> settings, List<?> sequences) {
    return Probe.evaluate("1", Map.of("name", "mine", "method", method, "settings", settings, "sequences", sequences));
  }

  private static void refuses(String message, String method, Map<String, Object> settings, Object... sequences) {
    assertThatThrownBy(() -> probe(method, settings, Arrays.asList(sequences)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("mine").hasMessageContaining(message);
  }

  @Test void masked_tokens_leave_the_denominators_and_come_back_as_zeros() {
    Map<String, Object> result = probe("ppo", Map.of(), List.of(sequence("mask", List.of(1, 0)), sequence()));
    assertThat(((List<?>) result.get("dlogp")).get(0)).isEqualTo(new double[] {-1 / 3.0, 0});
    assertThat(((List<?>) result.get("advantages")).get(0)).isEqualTo(new double[] {1, 0});
    assertThat((Double) result.get("loss")).isCloseTo(-1, within(1e-15));
  }

  @Test void the_methods_own_advantages_run_on_rewards_and_named_rewards_are_summed() {
    List<?> sequences = List.of(sequence("advantage", null, "reward", Map.of("correct", 1, "format", 0.5)),
        sequence("advantage", null, "reward", Map.of("correct", 0, "format", 0.5)));
    Map<String, Object> result = probe("dr-grpo", Map.of(), sequences);
    assertThat(((List<?>) result.get("advantages")).get(0)).isEqualTo(new double[] {0.5, 0.5});
  }

  @Test void the_constant_length_defaults_to_the_longest_sequence_given() {
    Map<String, Object> result = probe("dr-grpo", Map.of(), List.of(sequence()));
    assertThat(((List<?>) result.get("dlogp")).get(0)).isEqualTo(new double[] {-0.5, -0.5});
  }

  @Test void gradients_of_entropy_are_shown() {
    Map<String, Object> result = probe("ppo", Map.of("entropy-coefficient", 0.1), List.of(sequence("entropy", List.of(1, 2))));
    assertThat(((List<?>) result.get("dentropy")).get(0)).isEqualTo(new double[] {-0.05, -0.05});
  }

  /** Ratio to the old policy 1, old over sampler e^0.5 = 1.6487: the weight on both tokens, or the cap of 1.5. */
  @Test void a_correction_goes_with_any_method() {
    Map<String, Object> sequence = sequence("behaviourLogp", List.of(-1, -1.2));
    double w = Math.exp(0.5);
    for (Object correction : List.of("tis", Map.of("id", "tis"))) {
      Map<String, Object> result = probe("ppo", Map.of("correction", correction), List.of(sequence));
      assertThat((double[]) ((List<?>) result.get("dlogp")).get(0)).containsExactly(new double[] {-w / 2, -w / 2}, within(1e-12));
    }
    Map<String, Object> cut = probe("ppo", Map.of("correction", "tis", "correction.c", 1.5), List.of(sequence));
    assertThat((double[]) ((List<?>) cut.get("dlogp")).get(0)).containsExactly(new double[] {-0.75, -0.75}, within(1e-12));
    refuses("did you mean \"tis\"", "ppo", Map.of("correction", "tiss"), sequence());
    refuses("set correction to one of auto, none, tis", "ppo", Map.of("correction.c", 2), sequence());
  }

  /** An answer whose tokens are all masked keeps its place among the rewards, and is in no pair, median or likelihood share. */
  @Test void an_answer_without_trained_tokens_says_nothing_of_its_own() {
    Map<String, Object> right = sequence("advantage", null, "reward", 1, "refLogp", List.of(-0.6, -0.6)), wrong = new HashMap<>(right), masked = new HashMap<>(right);
    wrong.put("reward", 0);
    masked.put("mask", List.of(0, 0));
    for (String method : List.of("copg", "dmpo", "gbpo", "dcpo-distribution")) {
      for (Map<String, Object> one : List.of(right, wrong, masked)) {
        one.put("hotOldLogp", List.of(-0.4, -0.6));
        one.put("coldOldLogp", List.of(-0.6, -0.8));
      }
      Map<String, Object> result = probe(method, Map.of(), List.of(right, wrong, masked));
      assertThat((double[]) ((List<?>) result.get("dlogp")).get(2)).as(method).containsExactly(0, 0);
      assertThat((Double) result.get("loss")).as(method).isFinite();
      if (method.equals("copg")) {
        Map<String, Object> without = probe(method, Map.of(), List.of(right, wrong));
        assertThat(((List<?>) result.get("dlogp")).subList(0, 2)).usingRecursiveComparison().isEqualTo(without.get("dlogp"));
      }
    }
    List<?> advantages = (List<?>) probe("gbpo", Map.of(), List.of(right, wrong, masked)).get("advantages");
    double third = 1 / 3.0, deviation = Math.sqrt(third) + 1e-6;
    assertThat((double[]) advantages.get(0)).as("R − 2/3 of three answers").containsExactly(new double[] {third / deviation, third / deviation}, within(1e-12));
  }

  @Test void an_advantage_may_be_an_array() {
    Map<String, Object> result = probe("ppo", Map.of(), List.of(sequence("advantage", List.of(1, -1))));
    assertThat(((List<?>) result.get("dlogp")).get(0)).isEqualTo(new double[] {-0.5, 0.5});
  }

  @Test void refusals_name_case_sequence_and_field() {
    refuses("sequence 1: logp is missing", "ppo", Map.of(), sequence(), sequence("logp", null));
    refuses("sequence 1: oldLogp is missing", "ppo", Map.of(), sequence(), sequence("oldLogp", null));
    refuses("sequence 0: oldLogp has 1 values, logp has 2", "ppo", Map.of(), sequence("oldLogp", List.of(-1)));
    refuses("sequence 0, token 1: logp is NaN", "ppo", Map.of(), sequence("logp", List.of(-1, Double.NaN)));
    refuses("sequence 0, token 0: oldLogp is \"NaN\"", "ppo", Map.of(), sequence("oldLogp", List.of("NaN", -1)));
    refuses("sequence 0: mask has 1 values", "ppo", Map.of(), sequence("mask", List.of(1)));
    refuses("sequence 0, token 1: mask is 2", "ppo", Map.of(), sequence("mask", List.of(1, 2)));
    refuses("advantage and reward are both missing", "ppo", Map.of(), sequence("advantage", null));
    refuses("sequence 0: refLogp is missing", "ppo", Map.of("kl-coefficient", 0.1), sequence());
    refuses("sequence 1: refLogp is missing", "ppo", Map.of("kl-coefficient", 0.1), sequence("refLogp", List.of(-1, -1)), sequence());
    refuses("sequence 0: entropy is missing", "ppo", Map.of("top-entropy", 0.2), sequence());
    refuses("did you mean \"behaviourLogp\"", "ppo", Map.of(), sequence("behaviorLogp", List.of(-1, -1)));
    refuses("did you mean \"clip-high\"", "ppo", Map.of("clip-hihg", 0.2), sequence());
    refuses("did you mean \"grpo\"", "grop", Map.of(), sequence());
    refuses("clip-low must be a number, got \"much\"", "ppo", Map.of("clip-low", "much"), sequence());
  }

  @Test void every_method_has_settings_that_speak() {
    for (Method method : Methods.all()) {
      assertThat(method.papers()).as(method.id()).isNotEmpty();
      assertThat(method.parts()).as(method.id()).isNotEmpty();
      for (Setting setting : method.settings()) {
        assertThat(setting.meaning()).as(method.id() + " " + setting.name()).isNotBlank();
        assertThat(setting.source()).as(method.id() + " " + setting.name()).isNotBlank();
      }
    }
  }
}
