package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.offpolicy.Chord;
import io.ballast.objective.offpolicy.MixingSchedule;
import io.ballast.testkit.ObjectiveKit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChordTest extends ObjectiveKit {
  @Override protected String method() {
    return "chord";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of(),
        Map.of("phi", true, "peak", 0.3, "aggregation", "token-mean"),
        Map.of("w", 3, "d", 5, "kl-coefficient", 0.1, "entropy-coefficient", 0.01));
  }

  @Override protected TokenBatch dressed(TokenBatch batch) {
    return Cases.withExperts(batch);
  }

  @Override protected double surrogate(Objective objective, TokenBatch base, TokenBatch moved) {
    Chord chord = (Chord) objective.prepared(base);
    if (!chord.phi()) return chord.evaluate(moved).loss();
    double[] held = moved.logp().clone(), expert = base.column("expert"); // φ is a constant: own part by value, expert part written out
    double mu = chord.schedule().at(0), count = Arrays.stream(expert).sum(), nll = 0;
    for (int t = 0; t < held.length; t++) {
      if (expert[t] == 0) continue;
      double p = Math.exp(base.logp()[t]);
      nll -= p * (1 - p) * (moved.logp()[t] - base.logp()[t]) / count;
      held[t] = base.logp()[t];
    }
    return chord.evaluate(moved.withLogp(held)).loss() + mu * nll;
  }

  /** One answer of the policy, two tokens at ratio one, A = 1; one expert answer of one token, p = 1/2. μ = 0.9: L = −0.1 + 0.9 ln 2. */
  @Test void two_batches_by_hand() {
    double half = Math.log(0.5);
    var batch = Cases.of(new int[] {0, 2, 3}, new double[] {-1, -1, half}, new double[] {-1, -1, -7}, new double[] {1, 1, 55})
        .withColumn("expert", new double[] {0, 0, 1});
    Evaluation result = objective(Map.of()).evaluate(batch);
    assertThat(result.loss()).isCloseTo(-0.1 + 0.9 * Math.log(2), within(1e-12));
    assertThat(result.dlogp()).containsExactly(new double[] {-0.05, -0.05, -0.9}, within(1e-12));
    assertThat(objective(Map.of("phi", true)).evaluate(batch).dlogp()[2]).isCloseTo(-0.9 / 4, within(1e-12));
  }

  /** Warm-up 2, decay 4, peak 0.8, valley 0.2: 0, 0.4, 0.8, 0.2 + 0.3 (1 + cos π/4), 0.5, …, 0.2. */
  @Test void the_schedule_by_hand_and_its_step_is_remembered() {
    var schedule = new MixingSchedule(2, 4, 0.8, 0.2);
    assertThat(new double[] {schedule.at(0), schedule.at(1), schedule.at(2), schedule.at(4), schedule.at(6), schedule.at(99)})
        .containsExactly(new double[] {0, 0.4, 0.8, 0.5, 0.2, 0.2}, within(1e-12));
    Objective start = objective(Map.of("w", 2));
    TokenBatch batch = batches().getFirst();
    Objective second = start.next(batch, start.evaluate(batch));
    assertThat(start.evaluate(batch).metrics().get("expert-weight").value()).isZero();
    assertThat(second.evaluate(batch).metrics().get("expert-weight").value()).isCloseTo(0.45, within(1e-12));
    assertThat(start.remembering(second.memory()).evaluate(batch).loss()).isEqualTo(second.evaluate(batch).loss());
  }
}
