package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ballast.objective.TokenBatch;
import io.ballast.testkit.ObjectiveKit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FlowGuardTest extends ObjectiveKit {
  @Override protected String method() {
    return "grpo-guard";
  }

  @Override protected List<Map<String, Object>> variants() {
    return List.of(
        Map.of("normalisation", "flow"),
        Map.of("normalisation", "flow", "clip-low", 0.01, "adv-clip-max", 0.5));
  }

  @Override protected TokenBatch dressed(TokenBatch batch) {
    return Cases.denoising(batch);
  }

  /** The raw log-ratio has mean −D²/(2σ²Δt); normalised, D·z alone is left: D = 0.2, z = 1.5, σ = 0.5, Δt = 0.16. */
  @Test void normalised_log_ratio_is_shift_times_noise_by_hand() {
    double d = 0.2, z = 1.5, sigma = 0.5, dt = 0.16, deviation = sigma * Math.sqrt(dt);
    double raw = -d * d / (2 * sigma * sigma * dt) + d * z / deviation;
    TokenBatch batch = Cases.one(new double[] {raw - 9}, new double[] {-9}, -1).withColumn("meanShiftSquared", new double[] {d * d})
        .withColumn("noiseScale", new double[] {sigma}).withColumn("stepSize", new double[] {dt});
    assertThat(objective(variants().getFirst()).evaluate(batch).loss()).isCloseTo(Math.exp(d * z) / dt, within(1e-9));
  }
}
