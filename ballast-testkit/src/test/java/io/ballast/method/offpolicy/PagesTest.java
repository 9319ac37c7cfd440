package io.ballast.method.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.method.Corrections;
import io.ballast.method.Method;
import io.ballast.method.Methods;
import io.ballast.method.Setting;
import io.ballast.objective.TokenBatch;
import io.ballast.testkit.Batches;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.Test;

/** The pages say what the code has: settings, defaults, confidence, columns and metrics. */
class PagesTest {
  private static final Path PAGES = Path.of(System.getProperty("ballast.root", "..")).resolve("docs/methods");

  @ParameterizedTest
  @ValueSource(strings = {"gspo", "gspo-token", "sspo", "dhpo", "turn-ppo", "s-ppo", "st-ppo", "turn-gae", "hapo-token", "grpo-guard", "minirl",
      "off-policy-grpo", "decoupled-ppo", "ppo-ewma", "two-factor", "deepseek-v3.2", "m2po", "topr", "asymre", "chord", "prefix-rl", "dr-po", "kimi-k1.5"})
  void a_page_lists_settings_with_defaults_metrics_columns_and_confidence(String id) throws IOException {
    Method method = Methods.named(id);
    String page = Files.readString(PAGES.resolve(id + ".md"));
    assertThat(page).startsWith("# `%s` · %s\n".formatted(id, method.title())).contains("**Confidence.** " + method.confidence());
    assertThat(page.contains("> Experimental")).isEqualTo(method.confidence().experimental());
    assertThat(page).contains(method.papers());
    settings(page, method.settings());
    for (String column : method.needs()) assertThat(page).contains("`" + column + "`");
    TokenBatch batch = Cases.withExperts(Cases.exactOld(Batches.random(1)));
    for (String metric : method.assemble(Map.of()).objective().evaluate(batch).metrics().keySet()) {
      assertThat(page).as("metric").contains("| `%s` |".formatted(metric));
    }
  }

  @Test void the_page_of_corrections_lists_them_all() throws IOException {
    String page = Files.readString(PAGES.resolve("corrections.md"));
    for (Corrections.Correction correction : Corrections.all()) {
      assertThat(page).contains("## `%s`\n".formatted(correction.id()));
      settings(page, correction.settings());
    }
  }

  private static void settings(String page, List<Setting> settings) {
    for (Setting setting : settings) assertThat(page).contains("| `%s` | `%s` | ".formatted(setting.name(), setting.defaultText()));
  }
}
