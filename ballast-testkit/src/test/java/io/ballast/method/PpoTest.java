package io.ballast.method;

import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;

class PpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "ppo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("aggregation", "seq-mean-token-mean", "dual-clip", 1.5, "clip-high", 0.28),
        Map.of("aggregation", "seq-mean-token-sum", "delta", 1.4, "kl-coefficient", 0.1),
        Map.of("aggregation", "constant", "kl-coefficient", 0.1, "kl-estimator", "k2", "entropy-coefficient", 0.01),
        Map.of("aggregation", "prompt-mean", "kl-coefficient", 0.1, "kl-estimator", "k1", "off-policy-mask", 0.05),
        Map.of("aggregation", "token-mean-local", "kl-coefficient", 0.1, "kl-estimator", "unbiased-k3"),
        Map.of("top-entropy", 0.3, "entropy-coefficient", 0.1, "kl-coefficient", 0.1, "kl-estimator", "abs"));
  }
}
