package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TwoFactorTest extends ObjectiveKit {
  @Override protected String method() {
    return "two-factor";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("action", "clamp", "upper", 1.1),
        Map.of("lower", 0.9, "upper", 1.1));
  }

  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  @Override protected TokenBatch dressed(TokenBatch batch) {
    return Cases.exactOld(batch);
  }

  /** sampler −1.5, the same weights in the trainer −1.45, current −1.3, A = 1: d = e^0.05, s = e^0.15; J = e^0.2 = 1.2214028. */
  @Test void one_token_by_hand() {
    var batch = Cases.one(new double[] {-1.3}, new double[] {-9}, 1).withColumn("behaviourLogp", new double[] {-1.5})
        .withColumn("trainLogpAtBehaviourVersion", new double[] {-1.45});
    assertThat(objective(Map.of()).evaluate(batch).dlogp()[0]).as("oldLogp is not read").isCloseTo(-1.2214028, within(1e-7));
    assertThat(objective(Map.of("upper", 1.05)).evaluate(batch).dlogp()[0]).isZero();
  }
}
