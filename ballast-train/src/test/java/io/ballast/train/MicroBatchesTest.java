package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.method.Methods;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.StepTotals;
import io.ballast.objective.TokenBatch;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Rules that hold per micro-batch, as a step of training evaluates them. */
class MicroBatchesTest {

  /** Three answers of 1, 3 and 2 tokens at ratio 1, advantages 1, −1 and 2. */
  private static final TokenBatch STEP = new TokenBatch(new int[] {0, 1, 4, 6}, new int[] {0, 0, 0}, new int[] {0, 1, 2}, new double[6], new double[6],
      new double[] {1, -1, -1, -1, 2, 2}, Map.of(), new StepTotals(3, 6, 1, 4));

  private static Objective objective(String id, Map<String, Object> settings) {
    return Methods.named(id).assemble(settings).objective();
  }

  /** Micro-batches of two: (2/3)/4 for the first four tokens, (1/3)/2 for the last two. L = −(1 − 3)/6 − 4/6 = −1/3. */
  @Test void bnpo_averages_over_the_tokens_of_each() {
    Evaluation result = new MicroBatches(2).evaluate(objective("bnpo", Map.of()), STEP);
    assertThat(result.loss()).isCloseTo(-1.0 / 3, within(1e-15));
    double w = 1.0 / 6;
    assertThat(result.dlogp()).containsExactly(new double[] {-w, w, w, w, -2 * w, -2 * w}, within(1e-15));
  }

  /** One of all: 1/6 each happens to be the same here for the gradient's sum, so the sizes 1 and 3 tell: 1/3, 1/9 and 1/6 a token against 1/6. */
  @Test void with_one_answer_each_it_is_the_mean_over_answers_and_with_all_in_one_the_mean_over_tokens() {
    double[] alone = new MicroBatches(1).evaluate(objective("bnpo", Map.of()), STEP).dlogp();
    assertThat(alone).containsExactly(new double[] {-1.0 / 3, 1.0 / 9, 1.0 / 9, 1.0 / 9, -1.0 / 3, -1.0 / 3}, within(1e-15));
    double[] together = new MicroBatches(3).evaluate(objective("bnpo", Map.of()), STEP).dlogp();
    assertThat(together).isEqualTo(objective("bnpo", Map.of("aggregation", "token-mean")).evaluate(STEP).dlogp());
  }

  /**
   * Answers 0 and 1: P = 1 of 4 misses the target of 0.4 whatever the bounds (all ratios are 1), so both run to 3 and 0.9; answer 2 has no
   * negative token, its bounds stay at 1.2 and 0.6. Shown are the means of two micro-batches, 2.1 and 0.75.
   */
  @Test void bapo_balances_each_by_itself() {
    Evaluation local = new MicroBatches(2).evaluate(objective("bapo", Map.of("scope", "micro-batch")), STEP);
    assertThat(local.metrics().get("clip-high").value()).isCloseTo(2.1, within(1e-12));
    assertThat(local.metrics().get("clip-low").value()).isCloseTo(0.75, within(1e-12));
    Evaluation whole = new MicroBatches(2).evaluate(objective("bapo", Map.of()), STEP);
    assertThat(whole.metrics().get("clip-high").value()).as("P = 5 of 8 reaches the target").isCloseTo(1.2, within(1e-12));
  }
}
