package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.TokenRatio;
import io.ballast.objective.offpolicy.PositionNormalised;
import io.ballast.testkit.Batches;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GrpoGuardTest extends ObjectiveKit {
  @Override protected String method() {
    return "grpo-guard";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("bucket", 3, "aggregation", "token-mean", "adv-clip-max", 0.5));
  }

  @Override protected double slopeAtRatioOne() {
    return Double.NaN;
  }

  /** Two answers of two tokens: log-ratios (0.3, 0.1) and (0.1, −0.1), means 0.2 and 0 by position, deviations 0.1 both, 0.1414 over all. */
  @Test void positions_get_mean_zero_and_the_same_deviation_by_hand() {
    double[] old = {-1, -1, -1, -1}, logp = {-0.7, -0.9, -0.9, -1.1}, x = new double[4];
    var batch = Cases.of(new int[] {0, 2, 4}, logp, old, new double[] {1, 1, 1, 1});
    new PositionNormalised(1, null).prepared(batch, new TokenRatio()).logRatios(batch, x);
    double out = 0.1 * Math.sqrt(2);
    assertThat(x).containsExactly(new double[] {out, out, -out, -out}, within(1e-12));
  }

  @Test void on_policy_nothing_is_normalised() {
    var batch = Batches.onPolicy(Batches.random(3));
    double[] x = new double[batch.tokens()];
    new PositionNormalised(2, null).prepared(batch, new TokenRatio()).logRatios(batch, x);
    assertThat(x).containsOnly(0);
  }
}
