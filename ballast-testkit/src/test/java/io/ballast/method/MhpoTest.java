package io.ballast.method;

import io.ballast.objective.Aggregation;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MhpoTest extends ObjectiveKit {
  @Override protected String method() {
    return "mhpo";
  }

  @Override protected double slopeAtRatioOne() {
    return Math.exp(-zeta(0));
  }

  /** The hazards are detached, the saturated log-ratio is not. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    return Surrogates.loss(new Aggregation.SeqMeanTokenMean(), base, moved,
        (b, m, t) -> Math.exp(psi(m.logRatio(t)) - zeta(psi(b.logRatio(t)))) * b.advantage()[t]);
  }

  private static double psi(double x) {
    return 1.5 * Math.tanh(x / 1.5);
  }

  private static double zeta(double psi) {
    return Math.pow(Math.log1p(Math.exp(psi)), 1.5) + Math.pow(Math.log1p(Math.exp(-psi)) / 0.8, 2);
  }

  /** r = 1: ψ = 0, ζ = (ln 2)^1.5 + (ln 2/0.8)² = 0.5771 + 0.7507 = 1.3278, J = e^−1.3278 = 0.2651, slope the same. */
  @Test void tokens_by_hand() {
    Hand.expect("mhpo", Map.of(), 0.1, 1, 0.0043, 0.0007);
    Hand.expect("mhpo", Map.of(), 0.5, 1, 0.0669, 0.0544);
    Hand.expect("mhpo", Map.of(), 1, 1, 0.2651, 0.2651);
    Hand.expect("mhpo", Map.of(), 1.2, 1, 0.3353, 0.3303);
    Hand.expect("mhpo", Map.of(), 2, 1, 0.4802, 0.3907);
    Hand.expect("mhpo", Map.of(), 5, 1, 0.5089, 0.1908);
    Hand.expect("mhpo", Map.of("normalize-at-one", true), 1, -0.5, -0.5, -0.5);
  }
}
