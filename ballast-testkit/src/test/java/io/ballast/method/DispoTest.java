package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DispoTest extends ObjectiveKit {
  @Override protected String method() {
    return "dispo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of("e-lo-pos", 0.2, "e-hi-pos", 0.28, "e-lo-neg", 0.9, "e-hi-neg", 2));
  }

  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    return Surrogates.loss(aggregation(objective), base, moved, (then, now, t) -> {
      double x = then.ratio(t), a = now.advantage()[t];
      double weight = a > 0 ? Math.clamp(x, 0.8, 1.28) : Math.clamp(x, 0.1, 3);
      return weight * a * now.logp()[t];
    });
  }

  @Test void with_equal_bounds_it_is_cispo() {
    TokenBatch batch = Batches.random(8);
    Map<String, Object> four = Map.of("e-lo-pos", 0.3, "e-hi-pos", 0.5, "e-lo-neg", 0.3, "e-hi-neg", 0.5);
    Map<String, Object> two = Map.of("clip-low", 0.3, "clip-high", 0.5);
    assertThat(objective(four).evaluate(batch)).usingRecursiveComparison()
        .isEqualTo(Methods.named("cispo").assemble(two).objective().evaluate(batch));
  }

  @Test void bounds_were_never_published_and_must_be_given() {
    assertThatThrownBy(() -> objective(Map.of())).hasMessageContaining("e-lo-pos").hasMessageContaining("must be given");
  }
}
