package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BnpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "bnpo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of());
  }

  @Test void one_sequence_per_micro_batch_is_grpo() {
    TokenBatch whole = Batches.random(7);
    Evaluation grpo = Methods.named("grpo").assemble(Map.of()).objective().evaluate(whole);
    Objective bnpo = objective(Map.of());
    assertThat(bnpo.local()).isTrue();
    double loss = 0;
    for (int s = 0; s < whole.sequences(); s++) loss += bnpo.evaluate(whole.part(s)).loss();
    assertThat(loss).isCloseTo(grpo.loss(), within(1e-12));
  }
}
