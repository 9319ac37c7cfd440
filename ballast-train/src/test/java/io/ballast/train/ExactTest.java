package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.ledger.MetricsLog;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExactTest {
  @TempDir Path dir;

  @Test void in_the_exact_engine_fresh_data_has_ratio_one_to_the_last_bit() {
    SmallRun.start(dir, SmallRun.recipe("rollout.engine=exact", "off-policy.staleness=0", "schedule.steps=4"));
    for (Map<String, Object> line : MetricsLog.read(dir.resolve("metrics.jsonl"))) {
      if (((Number) line.get("step")).intValue() == 0) continue;
      assertThat(line.get("ratio-max")).isEqualTo(1.0);
      assertThat(line.get("ratio-mean")).isEqualTo(1.0);
      assertThat(line.get("kl-behaviour")).isEqualTo(0.0);
    }
  }

  @Test void in_the_fast_engine_it_is_one_within_a_hundred_thousandth() {
    SmallRun.start(dir, SmallRun.recipe("off-policy.staleness=0", "schedule.steps=4"));
    for (Map<String, Object> line : MetricsLog.read(dir.resolve("metrics.jsonl"))) {
      if (((Number) line.get("step")).intValue() == 0) continue;
      assertThat((double) line.get("ratio-max")).isBetween(1.0, 1 + 1e-5);
    }
  }
}
