package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ScheduleTest {

  @Test void with_one_update_a_batch_data_is_exactly_as_stale_as_asked_once_past_the_start() {
    var schedule = new Schedule(10, 1, 1, 4);
    assertThat(schedule.sampledBy(0)).isEqualTo(5); // batches 0 to 4 are written by version 0
    assertThat(schedule.sampledBy(1)).isEqualTo(6); // batch 5, trained on at version 5, is written by version 1
    assertThat(schedule.sampledBy(9)).isEqualTo(10); // nothing is sampled that no step trains on
  }

  @Test void a_batch_of_four_updates_is_sampled_at_batch_boundaries_within_the_bound() {
    var schedule = new Schedule(16, 4, 1, 6);
    assertThat(schedule.ahead()).isEqualTo(1); // two batches ahead would be eight versions old
    assertThat(schedule.opensBatch(4)).isTrue();
    assertThat(schedule.opensBatch(5)).isFalse();
    assertThat(schedule.partAt(6)).isEqualTo(2);
  }

  @Test void epochs_go_through_the_same_parts_again() {
    var schedule = new Schedule(12, 2, 3, 0);
    assertThat(schedule.updates()).isEqualTo(6);
    assertThat(schedule.epochAt(3)).isEqualTo(1);
    assertThat(schedule.partAt(3)).isEqualTo(1);
    assertThat(schedule.batchAt(6)).isEqualTo(1);
  }

  @Property void no_batch_is_older_than_the_bound_when_training_on_it_begins(@ForAll @IntRange(max = 40) int steps,
      @ForAll @IntRange(min = 1, max = 4) int updates, @ForAll @IntRange(min = 1, max = 3) int epochs, @ForAll @IntRange(max = 9) int staleness) {
    var schedule = new Schedule(steps, updates, epochs, staleness);
    long sampled = 0;
    int[] writtenAt = new int[Math.toIntExact(schedule.batches()) + 1];
    for (int version = 0; version < steps; version++) {
      if (!schedule.opensBatch(version)) continue;
      for (; sampled < schedule.sampledBy(version); sampled++) writtenAt[(int) sampled] = version;
      int batch = (int) schedule.batchAt(version);
      assertThat((long) batch).isLessThan(sampled);
      assertThat(version - writtenAt[batch]).isBetween(0, staleness);
    }
    assertThat(sampled).isEqualTo(schedule.batches());
  }
}
