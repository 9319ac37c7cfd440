package io.ballast.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A prompt that several rows begin with is computed once, and nothing is computed for padding: neither may show. */
class SharedPromptsTest {
  /** Three answers to each of two prompts, an answer without a prompt to share, lengths all different, groups interleaved. */
  private static TokenRows rows(int vocabulary) {
    return rows(vocabulary, 1);
  }

  /** The same with answers {@code times} as long. */
  private static TokenRows rows(int vocabulary, int times) {
    Random random = new Random(9);
    int[][] prompts = {random.ints(6, 0, vocabulary).toArray(), random.ints(9, 0, vocabulary).toArray(), random.ints(2, 0, vocabulary).toArray()};
    int[] of = {0, 1, 0, 1, 2, 1, 0};
    int[] answer = {5, 3, 11, 7, 4, 1, 2};
    int[][] tokens = new int[of.length][];
    boolean[][] trained = new boolean[of.length][];
    for (int r = 0; r < of.length; r++) {
      int[] prompt = prompts[of[r]];
      tokens[r] = Arrays.copyOf(prompt, prompt.length + times * answer[r]);
      trained[r] = new boolean[tokens[r].length];
      for (int t = prompt.length; t < tokens[r].length; t++) {
        tokens[r][t] = random.nextInt(vocabulary);
        trained[r][t] = t % 5 != 3; // gaps, as an environment's tokens leave them
      }
    }
    return new TokenRows(tokens, trained);
  }

  private static TokenRows row(TokenRows rows, int r) {
    return new TokenRows(new int[][] {rows.tokens()[r]}, new boolean[][] {rows.trained()[r]});
  }

  @Test void rows_of_a_prompt_stand_together_and_their_common_positions_once() {
    TokenRows rows = rows(29);
    boolean[] wanted = new boolean[rows.trainedTokens()];
    Arrays.fill(wanted, true);
    List<MicroBatch> plan = MicroBatch.plan(rows, wanted, 4096, 1, 1);
    assertThat(plan).hasSize(1);
    MicroBatch batch = plan.getFirst();
    // Prompts of 6, 9 and 2 tokens share 5, 8 and, with one row, no positions; a row ends before its last trained token.
    assertThat(batch.places().prefixes()).extracting(MicroBatch.Prefix::rows, MicroBatch.Prefix::length)
        .containsExactlyInAnyOrder(tuple(3, 5), tuple(3, 8));
    long ends = 0;
    for (int r = 0; r < 7; r++) {
      int last = rows.tokens()[r].length - 1;
      while (!rows.trained()[r][last]) last--;
      ends += last;
    }
    assertThat((long) batch.ids().length).isEqualTo(ends - 2 * 5 - 2 * 8);
    assertThat(batch.positions()).doesNotHaveDuplicates();
    assertThat(batch.flat()).containsExactlyInAnyOrder(IntStream.range(0, wanted.length).toArray());
  }

  @Test void many_positions_are_rounded_up_by_ones_that_predict_nothing() {
    TokenRows rows = rows(29, 10);
    boolean[] wanted = new boolean[rows.trainedTokens()];
    Arrays.fill(wanted, true);
    MicroBatch exact = MicroBatch.plan(rows, wanted, 4096, 1, 1).getFirst();
    MicroBatch rounded = MicroBatch.plan(rows, wanted, 4096, 1, 32).getFirst();
    assertThat(rounded.ids().length % 32).isZero();
    assertThat(rounded.ids().length - exact.ids().length).isBetween(1, 31);
    assertThat(rounded.places().used()).isEqualTo(exact.ids().length);
    assertThat(rounded.positions()).isEqualTo(exact.positions());
  }

  @ParameterizedTest @CsvSource({"qwen2, 1", "qwen3, 1", "gemma2, 1", "mistral, 1", "qwen3-moe, 1", "qwen2, 10", "gemma2, 10"})
  void scores_and_gradients_are_the_sums_over_rows_computed_alone(String name, int times) throws Exception {
    Path dir = Path.of("src/test/resources/parity", name);
    try (Policy together = Policy.load(dir, Device.CPU, DType.FP64); Policy alone = Policy.load(dir, Device.CPU, DType.FP64)) {
      TokenRows rows = rows(together.config().vocabSize(), times);
      double[] dlogp = PolicyTest.normals(1, rows.trainedTokens());
      double[] dentropy = PolicyTest.normals(2, rows.trainedTokens());
      together.backward(rows, 0.9, dlogp, dentropy);
      List<Double> logp = new ArrayList<>();
      int at = 0;
      for (int r = 0; r < rows.tokens().length; r++) {
        TokenRows row = row(rows, r);
        int count = row.trainedTokens();
        Arrays.stream(alone.score(row, 0.9).logp()).forEach(logp::add);
        alone.backward(row, 0.9, Arrays.copyOfRange(dlogp, at, at + count), Arrays.copyOfRange(dentropy, at, at + count));
        at += count;
      }
      assertThat(together.score(rows, 0.9).logp()).containsExactly(logp.stream().mapToDouble(d -> d).toArray(), within(1e-10));
      for (String tensor : together.tensors()) {
        assertThat(together.gradient(tensor)).as(tensor).containsExactly(alone.gradient(tensor), within(1e-9));
      }
    }
  }
}
