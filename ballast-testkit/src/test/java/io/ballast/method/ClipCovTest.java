package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClipCovTest extends ObjectiveKit {
  @Override protected String method() {
    return "clip-cov";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of("fraction", 0.1, "cov-low", 0.2, "clip-low", 0.2, "clip-high", 0.2),
        Map.of("fraction", 0.1, "cov-low", 0.2),
        Map.of());
  }

  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  @Test void drops_as_many_candidates_as_asked_and_others_in_the_next_step() {
    TokenBatch batch = Batches.random(9, 200, 30, 0.1);
    Objective objective = objective(Map.of("fraction", 0.01, "cov-low", 0.1));
    Evaluation result = objective.evaluate(batch);
    long dropped = Arrays.stream(result.dlogp()).filter(g -> g == 0).count();
    assertThat(dropped).isEqualTo((long) Math.floor(0.01 * batch.tokens()));
    Evaluation later = objective.next(batch, result).evaluate(batch);
    assertThat(later.dlogp()).isNotEqualTo(result.dlogp());
    assertThat(Arrays.stream(later.dlogp()).filter(g -> g == 0).count()).isEqualTo(dropped);
  }
}
