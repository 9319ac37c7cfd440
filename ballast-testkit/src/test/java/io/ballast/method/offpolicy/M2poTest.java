package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Clip;
import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.TokenRatio;
import io.ballast.objective.offpolicy.SecondMomentClip;
import io.ballast.objective.offpolicy.SecondMomentMask;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class M2poTest extends ObjectiveKit {
  @Override protected String method() {
    return "m2po";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("form", "official-code"),
        Map.of("form", "areal"),
        Map.of("tau", 0.002),
        Map.of("form", "official-code", "tau", 0.002, "miniclip-low", 0.05, "miniclip-high", 0.1),
        Map.of("form", "areal", "tau", 0.01));
  }

  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  @Override protected double kinkyShare() {
    return 0.2;
  }

  /** Mask and bounds are constants: solved at the base. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    PolicyObjective solved = (PolicyObjective) objective.prepared(base);
    double[] keep = Cases.factor(solved, base);
    if (solved.surrogate() instanceof SecondMomentMask mask) {
      for (int t = 0; t < keep.length; t++) {
        double l = base.logp()[t] - base.behaviourLogp()[t];
        if (l * base.advantage()[t] > 0 && l * l > mask.threshold()) keep[t] = 0;
      }
    }
    double low = 0, high = Double.POSITIVE_INFINITY;
    if (solved.surrogate() instanceof SecondMomentClip clip) {
      low = clip.solved().low();
      high = clip.solved().high();
    } else if (solved.surrogate() instanceof Clip clip) {
      low = clip.low();
      high = clip.high();
    }
    double below = low, above = high;
    return Surrogates.loss(solved.aggregation(), base, moved, (b, m, t) -> {
      double from = solved.level() instanceof TokenRatio ? b.oldLogp()[t] : b.behaviourLogp()[t];
      double x = Math.exp(m.logp()[t] - from), a = b.advantage()[t];
      return keep[t] == 0 ? 0 : keep[t] * Math.min(x * a, Math.clamp(x, below, above) * a);
    });
  }

  /**
   * l² = (0.0004, 0.0009, 0.01, 0.04, 0.25): means of the first n 0.0004, 0.00065, 0.00377, 0.0128, 0.0603, so only the last is dropped at
   * τ = 0.04. The clip form finds u with (0.0513 + u²)/5 = 0.04: u² = 0.1487, bounds e^±0.3856.
   */
  @Test void five_tokens_by_hand() {
    double[] old = {-1, -1, -1, -1, -1}, logp = {-0.98, -0.97, -0.9, -0.8, -0.5};
    var batch = Cases.one(logp, old, 1);
    assertThat(objective(Map.of()).evaluate(batch).dlogp()).containsExactly(
        new double[] {-Math.exp(0.02) / 5, -Math.exp(0.03) / 5, -Math.exp(0.1) / 5, -Math.exp(0.2) / 5, 0}, within(1e-12));
    var bounds = objective(Map.of("form", "official-code")).evaluate(batch).metrics();
    assertThat(bounds.get("clip-high").value()).isCloseTo(Math.exp(Math.sqrt(0.1487)), within(1e-9));
    assertThat(bounds.get("clip-low").value()).isCloseTo(Math.exp(-Math.sqrt(0.1487)), within(1e-9));
  }
}
