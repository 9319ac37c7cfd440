package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.ledger.MetricsLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExactTest {
  @TempDir Path dir;

  /** Data one version old under a policy that does not move: what is computed anew must be what was sampled. */
  @Test void in_the_exact_engine_a_policy_that_stands_still_has_ratio_one_to_the_last_bit() {
    assertThat(ratios("rollout.engine=exact", "off-policy.staleness=1", "optimizer.learning-rate=0")).hasSize(4).containsOnly(1.0);
  }

  @Test void in_the_fast_engine_it_is_one_within_a_hundred_thousandth() {
    assertThat(ratios("off-policy.staleness=1", "optimizer.learning-rate=0")).hasSize(4).allSatisfy(r -> assertThat(r).isBetween(1.0, 1 + 1e-5))
        .anySatisfy(r -> assertThat(r).isNotEqualTo(1.0));
  }

  /** In fp32 fresh answers are not scored again, so their ratio is exactly 1 in the fast engine, too; the entropy is the sampler's. */
  @Test void fresh_answers_are_known_from_sampling() {
    assertThat(ratios("off-policy.staleness=0")).hasSize(4).containsOnly(1.0);
    for (Map<String, Object> line : MetricsLog.read(dir.resolve("metrics.jsonl"))) {
      if (((Number) line.get("step")).intValue() > 0) assertThat((double) line.get("entropy")).isBetween(0.1, Math.log(100));
    }
  }

  private List<Double> ratios(String... settings) {
    SmallRun.start(dir, SmallRun.recipe(Stream.concat(Stream.of("schedule.steps=4"), Stream.of(settings)).toArray(String[]::new)));
    return MetricsLog.read(dir.resolve("metrics.jsonl")).stream().filter(line -> ((Number) line.get("step")).intValue() > 0)
        .map(line -> (Double) line.get("ratio-max")).toList();
  }
}
