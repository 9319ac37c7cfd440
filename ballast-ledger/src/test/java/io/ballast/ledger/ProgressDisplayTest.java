package io.ballast.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressDisplayTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private long now = 1_000;

  private String shown() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test void without_a_terminal_plain_lines_appear_every_few_seconds() {
    var display = new ProgressDisplay(err, false, 100, () -> now);
    display.phase("bapo on arithmetic", 0, 100);
    for (int step = 1; step <= 10; step++) {
      now += 1_000;
      display.step(step, Map.of("reward-mean", 0.25, "entropy", 0.5, "clip-low", 0.6, "clip-high", 1.2, "tokens-per-second", 1930.4));
    }
    assertThat(shown().lines()).containsExactly(
        "bapo on arithmetic  step 1/100  reward 0.250  entropy 0.500  bounds 0.60 to 1.20  1,930 tok/s  1:39 left",
        "bapo on arithmetic  step 6/100  reward 0.250  entropy 0.500  bounds 0.60 to 1.20  1,930 tok/s  1:34 left");
    assertThat(shown()).doesNotContain("\033");
  }

  @Test void evaluations_are_shown_with_the_change_since_the_first() {
    var display = new ProgressDisplay(err, false, 100, () -> now);
    display.phase("run", 0, 10);
    display.step(0, Map.of("pass-at-1", 0.40));
    display.step(5, Map.of("pass-at-1", 0.75));
    assertThat(shown()).contains("pass@1 40.0 %").contains("pass@1 75.0 % (+35.0)");
  }

  @Test void on_a_terminal_the_two_lines_are_redrawn_in_place_and_stay_within_the_width() {
    var display = new ProgressDisplay(err, true, 60, () -> now);
    display.phase("run", 0, 10);
    for (int step = 1; step <= 10; step++) {
      now += 500;
      display.step(step, Map.of("reward-mean", step / 10.0, "entropy", 0.5, "clip-low", 0.6, "clip-high", 1.2, "tokens-per-second", 1930.4));
    }
    display.close();
    assertThat(shown()).contains("\033[2A");
    assertThat(shown().replaceAll("\033\\[[0-9]*[A-Za-z]", "").lines()).allSatisfy(line -> assertThat(line.strip()).hasSizeLessThanOrEqualTo(60));
  }
}
