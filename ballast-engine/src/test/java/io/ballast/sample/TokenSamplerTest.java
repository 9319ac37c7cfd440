package io.ballast.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenSamplerTest {
  private static float[] logits(int seed, int size) {
    Random random = new Random(seed);
    float[] logits = new float[size];
    for (int i = 0; i < size; i++) logits[i] = (float) (3 * random.nextGaussian());
    return logits;
  }

  private static double[] softmax(float[] logits, double temperature) {
    double max = IntStream.range(0, logits.length).mapToDouble(i -> logits[i] / temperature).max().orElseThrow();
    double[] p = IntStream.range(0, logits.length).mapToDouble(i -> Math.exp(logits[i] / temperature - max)).toArray();
    double sum = Arrays.stream(p).sum();
    return Arrays.stream(p).map(v -> v / sum).toArray();
  }

  /** The cuts as their definition reads, on a sorted copy. */
  private static double[] reference(float[] logits, Sampling s) {
    double[] p = softmax(logits, s.temperature());
    List<Integer> order = IntStream.range(0, p.length).boxed().sorted(Comparator.comparingDouble((Integer i) -> -logits[i])).toList();
    if (s.topK() > 0) order = order.subList(0, Math.min(s.topK(), order.size()));
    if (s.topP() < 1) {
      double all = order.stream().mapToDouble(i -> p[i]).sum();
      double running = 0;
      int kept = 0;
      while (running < s.topP() * all) running += p[order.get(kept++)];
      order = order.subList(0, kept);
    }
    double least = s.minP() * p[order.get(0)];
    double[] cut = new double[p.length];
    for (int i : order) if (p[i] >= least) cut[i] = p[i];
    double sum = Arrays.stream(cut).sum();
    return Arrays.stream(cut).map(v -> v / sum).toArray();
  }

  private static double[] frequencies(float[] logits, Sampling sampling, int draws) {
    TokenSampler sampler = new TokenSampler();
    double[] counts = new double[logits.length];
    for (int i = 0; i < draws; i++) {
      sampler.draw(logits, 0, logits.length, sampling, Uniforms.uniform(sampling.seed(), 17, i, 3));
      counts[sampler.token()] += 1.0 / draws;
    }
    return counts;
  }

  @Test void frequencies_are_the_softmax_within_five_standard_errors() {
    int draws = 40_000;
    for (Numerics numerics : Numerics.values()) {
      for (double temperature : new double[] {0.7, 1, 1.6}) {
        float[] logits = logits(3, 23);
        double[] p = softmax(logits, temperature);
        double[] counts = frequencies(logits, Sampling.of(temperature, 5, Set.of(), numerics), draws);
        for (int i = 0; i < p.length; i++) {
          assertThat(counts[i]).isCloseTo(p[i], within(5 * Math.sqrt(p[i] * (1 - p[i]) / draws) + 1e-4));
        }
      }
    }
  }

  @Test void cuts_keep_what_their_definition_keeps() {
    int draws = 10_000;
    for (Sampling s : List.of(cut(5, 1, 0), cut(0, 0.8, 0), cut(0, 1, 0.1), cut(9, 0.9, 0.05), cut(1, 1, 0), cut(0, 0.01, 0), cut(0, 1, 1))) {
      for (int seed = 0; seed < 3; seed++) {
        float[] logits = logits(seed, seed == 2 ? 5_000 : 40);
        double[] expected = reference(logits, s);
        double[] counts = frequencies(logits, s, draws);
        for (int i = 0; i < expected.length; i++) {
          if (expected[i] == 0) assertThat(counts[i]).as("%s keeps token %d", s, i).isZero();
          else assertThat(counts[i]).isCloseTo(expected[i], within(5 * Math.sqrt(expected[i] / draws) + 1e-4));
        }
      }
    }
  }

  private static Sampling cut(int topK, double topP, double minP) {
    return new Sampling(1.2, topK, topP, minP, false, 5, Set.of(), Numerics.FAST);
  }

  @Test void the_log_probability_is_that_of_the_whole_softmax_whatever_the_cuts() {
    float[] logits = logits(8, 31);
    double[] p = softmax(logits, 1.2);
    TokenSampler sampler = new TokenSampler();
    for (double u = 0; u < 1; u += 0.05) {
      sampler.draw(logits, 0, logits.length, cut(4, 0.9, 0.01), u);
      assertThat((double) sampler.logp()).isCloseTo(Math.log(p[sampler.token()]), within(1e-5));
    }
  }

  @Test void greedy_takes_the_first_of_the_largest_at_temperature_one() {
    TokenSampler sampler = new TokenSampler();
    sampler.draw(new float[] {9, 1, 3, 3, 2}, 1, 4, Sampling.greedy(Set.of(), Numerics.EXACT), 0.99);
    assertThat(sampler.token()).isEqualTo(1);
    double sum = Math.exp(1) + 2 * Math.exp(3) + Math.exp(2);
    assertThat((double) sampler.logp()).isCloseTo(3 - Math.log(sum), within(1e-6));
  }

  @Test void broken_logits_draw_no_token() {
    TokenSampler sampler = new TokenSampler();
    for (float broken : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      for (int at = 0; at < 3; at++) {
        float[] logits = {1, 2, 3};
        logits[at] = broken;
        assertThatThrownBy(() -> sampler.draw(logits, 0, 3, Sampling.of(1, 1, Set.of(), Numerics.EXACT), 0.5))
            .isInstanceOf(ArithmeticException.class).hasMessageContaining("NaN or infinity");
      }
    }
  }

  @Test void neighbouring_counters_give_unrelated_uniforms() {
    int n = 20_000;
    double[] byPosition = IntStream.range(0, n).mapToDouble(i -> Uniforms.uniform(1, 2, 3, i)).toArray();
    double[] bySample = IntStream.range(0, n).mapToDouble(i -> Uniforms.uniform(1, 2, i, 3)).toArray();
    double[] byKey = IntStream.range(0, n).mapToDouble(i -> Uniforms.uniform(1, i, 3, 3)).toArray();
    for (double[] u : List.of(byPosition, bySample, byKey)) {
      assertThat(Arrays.stream(u).average().orElseThrow()).isCloseTo(0.5, within(5 * Math.sqrt(1.0 / 12 / n)));
      double lag = IntStream.range(1, n).mapToDouble(i -> (u[i] - 0.5) * (u[i - 1] - 0.5)).average().orElseThrow() * 12;
      assertThat(lag).isCloseTo(0, within(5 / Math.sqrt(n)));
      assertThat(Arrays.stream(u).allMatch(v -> v >= 0 && v < 1)).isTrue();
    }
  }

  @Test void settings_out_of_range_are_refused_with_their_value() {
    assertThatThrownBy(() -> Sampling.of(0, 1, Set.of(), Numerics.FAST)).hasMessageContaining("temperature must be above 0").hasMessageContaining("greedy");
    assertThatThrownBy(() -> new Sampling(1, -1, 1, 0, false, 1, Set.of(), Numerics.FAST)).hasMessageContaining("top-k").hasMessageContaining("-1");
    assertThatThrownBy(() -> new Sampling(1, 0, 0, 0, false, 1, Set.of(), Numerics.FAST)).hasMessageContaining("top-p must be in (0, 1]");
    assertThatThrownBy(() -> new Sampling(1, 0, 1, Double.NaN, false, 1, Set.of(), Numerics.FAST)).hasMessageContaining("min-p").hasMessageContaining("NaN");
  }
}
