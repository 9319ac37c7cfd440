package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.objective.Aggregation;
import io.ballast.objective.Column;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import io.ballast.testkit.Surrogates;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AspoTest extends ObjectiveKit {
  @Override protected String method() {
    return "aspo";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(Map.of("kl-coefficient", 0));
  }

  /** The weights are detached; a branch is chosen at the base. */
  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    return Surrogates.loss(new Aggregation.TokenMean(), base, moved, (b, m, t) -> {
      double eps = b.column(Column.ENTROPY)[t] <= quantile(b, t) ? 0.2 : 0.4, r = b.ratio(t), now = m.ratio(t), a = b.advantage()[t];
      if (a > 0) {
        double held = Math.min(r, 1 + eps);
        return 1 / held > 3 ? a * 3 * m.logp()[t] : a * Math.min(now, 1 + eps) / (held * held);
      }
      return Math.max(r, 1 - eps) > 3 ? a * 3 * m.logp()[t] : a * Math.max(now, 1 - eps);
    });
  }

  private static double quantile(TokenBatch b, int t) {
    int s = 0;
    while (b.offsets()[s + 1] <= t) s++;
    double[] sorted = Arrays.copyOfRange(b.column(Column.ENTROPY), b.offsets()[s], b.offsets()[s + 1]);
    Arrays.sort(sorted);
    double position = 0.8 * (sorted.length - 1);
    int below = (int) position;
    return below + 1 == sorted.length ? sorted[below] : sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]);
  }

  /** A = 1: 1/0.5 = 2; 1/0.25 = 4 is capped at 3; 1/1.1 = 0.909; 1.3 is above 1.2: 0. A = −1: 2; 5 is capped at 3; 0.7 is below 0.8: 0. */
  @Test void tokens_by_hand() {
    double[][] cases = {{0.5, 1, 2}, {0.25, 1, 3}, {1.1, 1, 1 / 1.1}, {1.3, 1, 0}, {2, -1, -2}, {5, -1, -3}, {0.7, -1, 0}};
    for (double[] one : cases) {
      TokenBatch batch = Hand.token(one[0], one[1]).withColumn(Column.ENTROPY, new double[] {1});
      assertThat(-Hand.evaluate("aspo", Map.of("kl-coefficient", 0), batch).dlogp()[0]).as("r %s, A %s", one[0], one[1]).isCloseTo(one[2], near());
    }
  }

  /** Entropies 1, 1, 1, 1, 9: the quantile is 1, so the last token has the wider range 0.4 and no KL. */
  @Test void uncertain_tokens_have_more_room_and_no_kl() {
    double[] old = {-1, -1, -1, -1, -1}, logp = new double[5], reference = {-1.5, -1.5, -1.5, -1.5, -1.5};
    Arrays.fill(logp, Math.log(1.3) - 1);
    TokenBatch batch = Hand.tokens(logp, old, new double[] {1, 1, 1, 1, 1}).withColumn(Column.ENTROPY, new double[] {1, 1, 1, 1, 9})
        .withColumn(Column.REF_LOGP, reference);
    double[] dlogp = Hand.evaluate("aspo", Map.of("kl-coefficient", 0.5), batch).dlogp();
    double kl = 0.5 * (1 - Math.exp(-1.5 - logp[0])) / 5;
    assertThat(dlogp).containsExactly(new double[] {kl, kl, kl, kl, -1 / 1.3 / 5}, near());
  }
}
