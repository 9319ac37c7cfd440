package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ApaTest extends ObjectiveKit {
  @Override protected String method() {
    return "apa";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of(), Map.of("anchor", "behaviour", "c", 1), Map.of("form", "awr"), Map.of("vf-coef", 1, "c", 2));
  }

  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  /** A = 0.1, c = 10, x = 0.3: residual 0.3 − 1 = −0.7, J = −0.49, slope +1.4. */
  @Test void a_token_by_hand() {
    TokenBatch batch = Hand.token(2, 0.1).withColumn(Column.REF_LOGP, new double[] {Math.log(2) - 1.3});
    Evaluation result = Hand.evaluate("apa", Map.of(), batch);
    assertThat(-result.loss()).isCloseTo(-0.49, near());
    assertThat(-result.dlogp()[0]).isCloseTo(1.4, near());
  }

  @Test void the_sampler_does_not_matter() {
    TokenBatch batch = batches().getFirst();
    TokenBatch other = new TokenBatch(batch.offsets(), batch.group(), batch.ids(), batch.logp(), batch.column(Column.REF_LOGP),
        batch.advantage(), batch.columns(), batch.step());
    assertThat(objective(Map.of()).evaluate(other).dlogp()).isEqualTo(objective(Map.of()).evaluate(batch).dlogp());
  }
}
