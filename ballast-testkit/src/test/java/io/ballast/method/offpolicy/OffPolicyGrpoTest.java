package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OffPolicyGrpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "off-policy-grpo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("centre", "one", "aggregation", "token-mean"),
        Map.of("clip-low", 0.05, "clip-high", 0.05, "kl-coefficient", 0.1));
  }

  /** sampler −1.5, proximal −1.1: the band is e^0.4 ± 0.2 = [1.292, 1.692]. Current −1.0: e^0.5 = 1.6487 inside; −0.9: e^0.6 = 1.822 above. */
  @Test void the_band_moves_with_the_proximal_policy_by_hand() {
    assertThat(dlogp("anchor", -1.0)).isCloseTo(-1.6487213, within(1e-7));
    assertThat(dlogp("anchor", -0.9)).isZero();
    assertThat(dlogp("one", -1.0)).isZero();
  }

  private double dlogp(String centre, double logp) {
    var batch = Cases.one(new double[] {logp}, new double[] {-1.1}, 1).withColumn("behaviourLogp", new double[] {-1.5});
    return objective(Map.of("centre", centre)).evaluate(batch).dlogp()[0];
  }
}
