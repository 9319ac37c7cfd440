package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The pages of the methods say what the catalogue says: documents that nothing checks drift. */
class MethodPagesTest {
  private static final Path PAGES = Path.of(System.getProperty("ballast.root", "..")).resolve("docs/methods");

  @TestFactory Stream<DynamicTest> a_page_agrees_with_the_catalogue() {
    return Methods.all().stream().filter(method -> SoftMethods.ALL.contains(method) || Files.exists(page(method)))
        .map(method -> DynamicTest.dynamicTest(method.id(), () -> agree(method, read(page(method)))));
  }

  private static void agree(Method method, String text) {
    assertThat(text).as("first line").startsWith("# `" + method.id() + "`");
    assertThat(text).as("confidence").contains("**Confidence.** " + method.confidence());
    assertThat(text.contains("> Experimental")).as("marked experimental").isEqualTo(method.confidence().experimental());
    for (Setting setting : method.settings()) {
      assertThat(text).as("row of setting").contains("| `%s` | `%s` |".formatted(setting.name(), setting.defaultText()));
    }
    for (String column : method.needs()) assertThat(text).as("a column it needs").contains("`" + column + "`");
  }

  private static Path page(Method method) {
    return PAGES.resolve(method.id() + ".md");
  }

  private static String read(Path page) {
    try {
      return Files.readString(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
