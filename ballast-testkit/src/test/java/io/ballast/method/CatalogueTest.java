package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Finding methods and choosing their settings. */
class CatalogueTest {

  @Test void ids_are_kebab_case_and_every_default_assembles() {
    for (Method method : Methods.all()) {
      assertThat(method.id()).matches("[a-z0-9][a-z0-9.]*(-[a-z0-9.]+)*");
      for (Setting setting : method.settings()) {
        assertThat(setting.name()).as(method.id()).matches("[a-z0-9]+(-[a-z0-9]+)*");
      }
      Assembly assembly = method.assemble(method.examples());
      assertThat(assembly.columns()).as(method.id() + ": columns at the defaults").containsAll(method.needs());
      assertThat(method.needs()).as(method.id() + ": needs").containsAll(assembly.columns());
    }
  }

  @Test void every_shared_setting_changes_what_it_names() {
    Method ppo = Methods.named("ppo");
    assertThat(ppo.assemble(Map.of()).columns()).isEmpty();
    assertThat(ppo.assemble(Map.of("kl-coefficient", 0.1)).columns()).containsExactly("refLogp");
    assertThat(ppo.assemble(Map.of("top-entropy", 0.2, "entropy-coefficient", 0.1)).columns()).containsExactly("entropy");
  }

  @Test void settings_are_read_from_numbers_strings_and_none() {
    Method ppo = Methods.named("ppo");
    Settings settings = ppo.settings(Map.of("clip-low", "0.3", "clip-high", 1, "dual-clip", "none", "max-length", "12"));
    assertThat(settings.number("clip-low")).isEqualTo(0.3);
    assertThat(settings.number("clip-high")).isEqualTo(1);
    assertThat(settings.optional("dual-clip")).isEmpty();
    assertThat(settings.optionalInteger("max-length")).hasValue(12);
  }

  @Test void wrong_values_are_refused_with_the_rule() {
    Method ppo = Methods.named("ppo");
    assertThatThrownBy(() -> ppo.assemble(Map.of("max-length", 1.5))).hasMessage("setting max-length must be a whole number or none, got 1.5");
    assertThatThrownBy(() -> ppo.assemble(Map.of("clip-low", "none"))).hasMessageContaining("setting clip-low must be a number");
    assertThatThrownBy(() -> ppo.assemble(Map.of("clip-low", -0.1))).hasMessage("clip-low must be at least 0, got -0.1");
    assertThatThrownBy(() -> ppo.assemble(Map.of("dual-clip", 1))).hasMessage("dual-clip must be above 1, got 1.0");
    assertThatThrownBy(() -> ppo.assemble(Map.of("delta", 1.1))).hasMessageContaining("delta must be above 1 + clip-high = 1.2");
    assertThatThrownBy(() -> ppo.assemble(Map.of("aggregation", "token-maen"))).hasMessageContaining("did you mean \"token-mean\"");
    assertThatThrownBy(() -> ppo.assemble(Map.of("top-entropy", 1.5))).hasMessageContaining("top-entropy must be in [0.0, 1.0]");
    assertThatThrownBy(() -> Methods.named("bapoo")).isInstanceOf(UnknownMethodException.class).hasMessageContaining("did you mean \"bapo\"");
    assertThatThrownBy(() -> ppo.assemble(Map.of("clip_low", 0.1))).isInstanceOf(UnknownSettingException.class)
        .hasMessageContaining("\"clip_low\"").hasMessageContaining("did you mean \"clip-low\"");
  }

  @Test void a_setting_may_be_spelt_in_another_way_of_its_source_but_not_in_two_at_once() {
    Method chord = Methods.named("chord");
    assertThat(chord.settings(Map.of("mu-peak", 0.3)).number("peak")).isEqualTo(0.3);
    assertThat(Methods.named("r2vpo").settings(Map.of("lambda", 0.5)).number("lambda-0")).isEqualTo(0.5);
    assertThatThrownBy(() -> chord.assemble(new TreeMap<>(Map.of("peak", 0.3, "mu-peak", 0.3))))
        .hasMessage("method chord: mu-peak and peak are one setting; give one of them");
    assertThatThrownBy(() -> Methods.named("dispo").assemble(Map.of("clip-low-pos", "much"))).hasMessageContaining("e-lo-pos must be a number");
  }

  @Test void a_name_that_resembles_nothing_gets_no_guess() {
    assertThat(Nearest.to("zebra", List.of("ppo", "grpo"))).isEmpty();
    assertThat(Nearest.to("prpo", List.of("ppo", "grpo"))).isPresent();
    assertThat(Nearest.to("rpgo", List.of("ppo", "grpo"))).contains("grpo");
  }
}
