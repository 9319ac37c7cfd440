package io.ballast.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every golden case, made by running other people's reference code, within its tolerance. */
class GoldenTest {
  private static final Path CASES = Path.of("src/test/resources/golden");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TestFactory Stream<DynamicTest> the_reference_code_agrees() throws IOException {
    List<Path> files;
    try (var paths = Files.walk(CASES)) {
      files = paths.filter(path -> path.toString().endsWith(".json")).sorted().toList();
    }
    assertThat(files).hasSizeGreaterThan(15);
    List<String> known = Methods.all().stream().map(Method::id).toList();
    return files.stream().map(GoldenTest::read).filter(golden -> known.contains(String.valueOf(golden.get("method"))))
        .map(golden -> DynamicTest.dynamicTest(String.valueOf(golden.get("name")), () -> check(golden)));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> read(Path file) {
    try {
      return JSON.readValue(file.toFile(), Map.class);
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }

  private static void check(Map<String, Object> golden) {
    double tolerance = ((Number) golden.get("tolerance")).doubleValue();
    Map<String, Object> result = Probe.evaluate("golden", golden);
    ((Map<?, ?>) golden.get("expected")).forEach((field, expected) ->
        compare(String.valueOf(field), result.get(field), expected, tolerance));
  }

  /** Entry by entry: |a − b| ≤ tolerance · max(|a|, |b|, 1e-3). */
  private static void compare(String where, Object actual, Object expected, double tolerance) {
    switch (expected) {
      case Number number -> {
        assertThat(actual).as(where).isInstanceOf(Number.class);
        double a = ((Number) actual).doubleValue(), b = number.doubleValue();
        assertThat(a).as(where).isCloseTo(b, within(tolerance * Math.max(1e-3, Math.max(Math.abs(a), Math.abs(b)))));
      }
      case List<?> list -> {
        assertThat(size(actual)).as(where + " size").isEqualTo(list.size());
        for (int i = 0; i < list.size(); i++) compare(where + "[" + i + "]", entry(actual, i), list.get(i), tolerance);
      }
      case Map<?, ?> map -> map.forEach((key, value) -> compare(where + "." + key, ((Map<?, ?>) actual).get(key), value, tolerance));
      default -> throw new AssertionError(where + ": cannot compare with " + expected);
    }
  }

  private static int size(Object actual) {
    return actual instanceof double[] array ? array.length : ((List<?>) actual).size();
  }

  private static Object entry(Object actual, int i) {
    return actual instanceof double[] array ? array[i] : ((List<?>) actual).get(i);
  }
}
