package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KlCovTest extends ObjectiveKit {
  @Override protected String method() {
    return "kl-cov";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of("fraction", 0.2),
        Map.of());
  }

  /**
   * A = (1, 1, −1, −1) in two answers, logp = −1 + ln x with x = (2, 1, 1, 1): mean A 0, mean logp −1 + ln2/4.
   * cov = (¾ ln2, −¼ ln2, ¼ ln2, ¼ ln2): the first token is chosen. J = (2 − ln 2) + 1 − 1 − 1, L = −(1 − ln 2)/4.
   * dL/dlogp = −(2 − 1, 1, −1, −1)/4.
   */
  @Test void four_tokens_by_hand() {
    Evaluation result = objective(Map.of("fraction", 0.25)).evaluate(Batches.ratios(new double[][] {{2, 1}, {1, 1}}, 1, -1));
    assertThat(result.loss()).isCloseTo(-(1 - Math.log(2)) / 4, within(1e-12));
    assertThat(result.dlogp()).containsExactly(new double[] {-0.25, -0.25, 0.25, 0.25}, within(1e-12));
  }

  /** A = −1 and behaviour well above: the mask takes the whole policy term, |logp − oldLogp| included, and leaves the token mean over two tokens. */
  @Test void the_masks_take_the_penalty_with_the_policy_term() {
    TokenBatch batch = Batches.ratios(new double[][] {{2}, {2}}, 1, -1);
    double[] sampler = {batch.logp()[0] + 1, batch.logp()[1] + 1};
    double[] dlogp = objective(Map.of("fraction", 1, "off-policy-mask", 0.5)).evaluate(batch.withColumn("behaviourLogp", sampler)).dlogp();
    assertThat(dlogp).containsExactly(new double[] {-0.5, 0}, within(1e-12));
  }

  @Test void ties_are_cut_at_the_number_that_fits() {
    TokenBatch level = Batches.ratios(new double[][] {{1.1, 1.1, 1.1}, {1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1}}, 0, 0);
    Evaluation result = objective(Map.of("fraction", 0.3)).evaluate(level);
    assertThat(result.metrics().get("covariance-penalised-fraction").value()).isCloseTo(0.3, within(1e-15));
  }
}
