package io.ballast.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EntropyLawTest {
  private static final double[] H = {0.8, 0.6, 0.4, 0.2};

  private static double[] rewards(double a, double b) {
    return Arrays.stream(H).map(h -> -a * Math.exp(h) + b).toArray();
  }

  /** a = 0.2, b = 0.75: the ceiling is 0.55. */
  @Test void a_run_that_obeys_the_law_is_recovered() {
    EntropyLaw law = EntropyLaw.fit(H, rewards(0.2, 0.75));
    assertThat(law.a()).isCloseTo(0.2, within(1e-12));
    assertThat(law.b()).isCloseTo(0.75, within(1e-12));
    assertThat(law.ceiling()).isCloseTo(0.55, within(1e-12));
    assertThat(law.fit()).isCloseTo(1, within(1e-12));
    assertThat(law.headroom(0.5)).isCloseTo(0.05, within(1e-12));
    assertThat(law.applies()).isTrue();
    assertThat(law.exhausted(0.04, 0.545)).isTrue();
    assertThat(law.exhausted(0.2, 0.545)).isFalse();
  }

  @Test void a_reward_that_rises_with_entropy_does_not_follow_it() {
    assertThat(EntropyLaw.fit(H, rewards(-0.2, 0)).applies()).isFalse();
  }

  /** exp(0.2) − 1 = 0.2214 of exp(0.8) − 1 = 1.2255 is left. */
  @Test void the_budget_by_hand() {
    assertThat(EntropyLaw.budgetUsed(0.2, 0.8)).isCloseTo(1 - 0.221403 / 1.225541, within(1e-6));
    assertThat(EntropyLaw.budgetUsed(0.8, 0.8)).isZero();
  }

  @Test void too_little_data_is_said_to_be_too_little() {
    assertThat(EntropyLaw.enough(H)).isFalse();
    assertThat(EntropyLaw.enough(new double[] {1, 1.02, 1.04, 1.06, 1.08, 1.1, 1.12, 1.14})).isFalse();
    assertThat(EntropyLaw.enough(new double[] {1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65})).isTrue();
    assertThatThrownBy(() -> EntropyLaw.fit(new double[] {1, 1}, new double[] {0, 1})).hasMessageContaining("entropies that differ");
    assertThatThrownBy(() -> EntropyLaw.fit(H, new double[3])).hasMessageContaining("3 and 4");
  }
}
