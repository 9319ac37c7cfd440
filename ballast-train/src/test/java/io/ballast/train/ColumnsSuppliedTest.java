package io.ballast.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ballast.method.Method;
import io.ballast.method.Methods;
import io.ballast.method.Setting;
import io.ballast.objective.Column;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Training supplies every column that any method reads with any of its settings changed; what it cannot know is refused by name. */
class ColumnsSuppliedTest {

  /** Nothing about a language model says them: they belong to denoising. */
  private static final Set<String> OF_DENOISING = Set.of(Column.MEAN_SHIFT_SQUARED, Column.NOISE_SCALE, Column.STEP_SIZE);

  @Test void whatever_a_setting_makes_a_method_read() {
    var read = new TreeSet<String>();
    for (Method method : Methods.all()) {
      List<Map<String, Object>> changes = changes(method);
      assertThat(changes).as(method.id()).isNotEmpty();
      for (Map<String, Object> settings : changes) read.addAll(method.assemble(settings).columns());
    }
    assertThat(read).contains(Column.EWMA_LOGP, Column.KL_OLD, Column.TILTED_REF_LOGP, Column.WEAK_TEACHER_LOGP, Column.LOGP_AT_BEHAVIOUR_TOP)
        .containsAll(OF_DENOISING);
    read.removeAll(OF_DENOISING);
    TokenColumns.check(read);
  }

  /** The method as it is, and with one setting changed at a time to whatever of a few values it accepts. */
  private static List<Map<String, Object>> changes(Method method) {
    List<Map<String, Object>> changes = new ArrayList<>();
    changes.add(method.examples());
    for (Setting setting : method.settings()) {
      List<Object> values = new ArrayList<>(switch (setting.type()) {
        case CHOICE -> setting.choices();
        case FLAG -> List.of(true, false);
        case NUMBER, INTEGER -> List.of(0, 0.5, 1, 2);
      });
      if (setting.optional()) values.add("none");
      for (Object value : values) {
        Map<String, Object> changed = new HashMap<>(method.examples());
        changed.put(setting.name(), value);
        if (accepts(method, changed)) changes.add(changed);
      }
    }
    return changes;
  }

  private static boolean accepts(Method method, Map<String, Object> settings) {
    try {
      method.assemble(settings);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Test void a_denoising_step_is_refused_by_name() {
    assertThatThrownBy(() -> TokenColumns.check(Arrays.asList(Column.NOISE_SCALE, Column.ENTROPY)))
        .hasMessage("the method needs noiseScale of every token, which training does not supply; with probe it can be evaluated on numbers");
  }
}
