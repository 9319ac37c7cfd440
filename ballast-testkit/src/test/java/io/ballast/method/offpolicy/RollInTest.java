package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ballast.method.Methods;
import io.ballast.method.RollIn;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RollInTest {

  @Test void uniform_cuts_give_every_length_below_the_trace_alike() {
    var all = new RollIn(1, List.of());
    int[] count = new int[5];
    for (int i = 0; i < 1000; i++) count[all.tokens(5, 0.999, i / 1000.0)]++;
    assertThat(count).containsOnly(200);
  }

  /** The grid's floor on ten tokens: 1, 2 (of 2.5), 4, 5 (of 5.5) and 7. */
  @Test void prefix_rl_cuts_at_its_grid_and_leaves_half_of_the_prompts_bare() {
    RollIn grid = Methods.named("prefix-rl").assemble(Map.of()).supply().rollIn();
    assertThat(grid.share()).isEqualTo(0.5);
    assertThat(grid.cuts()).usingElementComparator((a, b) -> Math.abs(a - b) < 1e-12 ? 0 : 1).containsExactly(0.1, 0.25, 0.4, 0.55, 0.7);
    assertThat(IntStream.range(0, 5).map(i -> grid.tokens(10, 0.4, i / 5.0 + 0.01))).containsExactly(1, 2, 4, 5, 7);
    assertThat(grid.tokens(10, 0.5, 0.9)).isZero();
  }

  @Test void dr_po_resets_every_answer_unless_beta_says_otherwise() {
    assertThat(Methods.named("dr-po").assemble(Map.of()).supply().rollIn()).isEqualTo(new RollIn(1, List.of()));
    assertThat(Methods.named("dr-po").assemble(Map.of("beta", 0.25)).supply().rollIn().share()).isCloseTo(0.25, within(0.0));
    assertThatThrownBy(() -> Methods.named("dr-po").assemble(Map.of("beta", 2))).hasMessageContaining("must be in [0.0, 1.0], got 2.0");
  }

  @Test void cuts_out_of_order_are_refused() {
    assertThatThrownBy(() -> Methods.named("prefix-rl").assemble(Map.of("cut-last", 0.05))).hasMessageContaining("cut-last must be in [0.1, ");
    assertThatThrownBy(() -> Methods.named("prefix-rl").assemble(Map.of("cuts", 0))).hasMessageContaining("cuts must be at least 1, got 0");
  }
}
