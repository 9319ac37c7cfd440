package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GpgTest extends ObjectiveKit {
  @Override protected String method() {
    return "gpg";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("aggregation", "token-mean"));
  }

  @Test void is_reinforce_with_another_mean() {
    TokenBatch batch = Batches.random(2);
    assertThat(objective(Map.of("aggregation", "seq-mean-token-sum")).evaluate(batch).dlogp())
        .isEqualTo(Methods.named("reinforce").assemble(Map.of()).objective().evaluate(batch).dlogp());
  }
}
