package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.objective.MissingColumnException;
import io.ballast.testkit.Batches;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every method has a page that names each of its settings with the default, and every metric it reports. */
class PageTest {
  private static final Path PAGES = Path.of(System.getProperty("ballast.root", ".."), "docs", "methods");

  @TestFactory Stream<DynamicTest> every_method_has_a_page_that_is_complete() {
    return Methods.all().stream().map(method -> DynamicTest.dynamicTest(method.id(), () -> check(method)));
  }

  @Test void every_page_belongs_to_a_method() throws IOException {
    List<String> known = Methods.all().stream().map(Method::id).toList();
    try (var files = Files.list(PAGES)) {
      List<String> pages = files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".md"))
          .map(name -> name.substring(0, name.length() - 3)).filter(name -> !NOT_METHODS.contains(name)).toList();
      assertThat(known).containsAll(pages);
    }
  }

  private static final List<String> NOT_METHODS = List.of("_template", "shared", "corrections", "controllers", "a2c", "entropy-law", "moving-reference");

  private static void check(Method method) throws IOException {
    Path page = PAGES.resolve(method.id() + ".md");
    assertThat(page).exists();
    String text = Files.readString(page);
    assertThat(text).contains("## Formula", "## Settings", "## Metrics", "## Where sources differ", "## When to use it");
    assertThat(text).as("first line").startsWith("# `" + method.id() + "`");
    assertThat(text).as("confidence").contains("**Confidence.** " + method.confidence());
    assertThat(text.contains("> Experimental")).as("marked experimental").isEqualTo(method.confidence().experimental());
    assertThat(text).as("what is guesswork").contains(method.guesswork());
    if (method.confidence().experimental()) assertThat(method.guesswork()).as("what is guesswork").isNotEmpty();
    for (String column : method.needs()) assertThat(text).as("a column it needs").contains("`" + column + "`");
    String missing = method.settings().stream().filter(setting -> !text.contains(row(setting))).map(setting ->
        row(setting) + " " + setting.meaning().replace("|", "\\|") + " | " + setting.source().replace("|", "\\|") + " |")
        .collect(Collectors.joining("\n"));
    for (Setting setting : method.settings()) {
      for (String other : setting.also()) assertThat(text).as("another spelling of " + setting.name()).contains("`" + other + "`");
    }
    assertThat(missing).as("rows missing in the table of settings of " + page.getFileName()).isEmpty();
    for (String metric : metrics(method)) assertThat(text).as(page.getFileName() + ": metric").contains("`" + metric + "`");
  }

  private static String row(Setting setting) {
    return "| `%s` | `%s` |".formatted(setting.name(), setting.defaultText());
  }

  /** What the method reports at its defaults; methods that need more than random batches have are taken at their word. */
  private static Iterable<String> metrics(Method method) {
    try {
      return method.assemble(method.examples()).objective().evaluate(Batches.random(1)).metrics().keySet();
    } catch (MissingColumnException e) {
      return List.of();
    }
  }
}
